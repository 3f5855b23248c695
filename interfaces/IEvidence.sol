// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IArbitrator } from "./IArbitrator.sol";

/// @title Evidence (ERC-1497)
/// @notice What an arbitrable contract tells arbiters, who read it from its events. Names and signatures are the
/// standard's.
interface IEvidence {
    /// @notice What disputes of a kind are about and what each ruling means.
    /// @param _evidence URI of a JSON document.
    event MetaEvidence(uint256 indexed _metaEvidenceID, string _evidence);
    /// @notice A party showed something.
    /// @param _evidenceGroupID Ties evidence to its dispute.
    /// @param _evidence URI or hash.
    event Evidence(
        IArbitrator indexed _arbitrator, uint256 indexed _evidenceGroupID, address indexed _party, string _evidence
    );
    /// @notice A dispute was brought before an arbitrator.
    event Dispute(
        IArbitrator indexed _arbitrator, uint256 indexed _disputeID, uint256 _metaEvidenceID, uint256 _evidenceGroupID
    );
}
