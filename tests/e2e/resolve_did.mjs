// Resolve a DID as anybody would, with npm's ethr-did-resolver, and print what it says.
//
//     node resolve_did.mjs RPC_URL CHAIN_ID REGISTRY DID_URL
import { Resolver } from 'did-resolver'
import { getResolver } from 'ethr-did-resolver'

const [rpcUrl, chainId, registry, didUrl] = process.argv.slice(2)
const resolver = new Resolver(getResolver({ rpcUrl, chainId: Number(chainId), registry }))
const resolution = await resolver.resolve(didUrl)
console.log(JSON.stringify(resolution))
process.exit(0) // ethers keeps asking for new blocks
