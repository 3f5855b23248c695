// Hashes and signs typed messages with ethers, which shares no code with the contracts or the Python package.
//
//     node tests/vectors/hash_with_ethers.mjs < question.json > answer.json
//
// The question names domains, the types of each, messages, opened consents and (or not) a key; the answer holds what ethers
// makes of each of them, in the same order. Numbers are decimal text, bytes are 0x-prefixed hex.

import { readFileSync } from "node:fs";
import { AbiCoder, SigningKey, TypedDataEncoder, id, keccak256 } from "ethers";

const coder = AbiCoder.defaultAbiCoder();

function describeType(name, fields) {
  const encoded = TypedDataEncoder.from({ [name]: fields }).encodeType(name);
  return { encodeType: encoded, typeHash: id(encoded) };
}

function hashMessage({ domain, type, message }, { domains, types, key }) {
  const ofType = { [type]: types[domain][type] };
  const digest = TypedDataEncoder.hash(domains[domain], ofType, message);
  return {
    structHash: TypedDataEncoder.hashStruct(type, ofType, message),
    digest,
    ...(key && { signature: new SigningKey(key).sign(digest).serialized }),
  };
}

function commit({ seed, consumer, provider, schema, purpose, assurance }) {
  const encoded = (types, values) => keccak256(coder.encode(types, values));
  const salts = [0, 1, 2].map((index) => encoded(["bytes32", "uint256"], [seed, index]));
  return {
    salts,
    consumer: encoded(["address", "bytes32"], [consumer, salts[0]]),
    provider: encoded(["address", "bytes32"], [provider, salts[1]]),
    scope: encoded(["bytes32", "bytes32", "uint8", "bytes32"], [schema, purpose, assurance, salts[2]]),
  };
}

const question = JSON.parse(readFileSync(0, "utf8"));
const { domains, types, messages, openings = [] } = question;
const answer = {
  separators: Object.fromEntries(
    Object.entries(domains).map(([name, domain]) => [name, TypedDataEncoder.hashDomain(domain)]),
  ),
  types: Object.fromEntries(
    Object.values(types).flatMap((ofDomain) =>
      Object.entries(ofDomain).map(([name, fields]) => [name, describeType(name, fields)]),
    ),
  ),
  messages: messages.map((message) => hashMessage(message, question)),
  openings: openings.map(commit),
};
process.stdout.write(JSON.stringify(answer));
