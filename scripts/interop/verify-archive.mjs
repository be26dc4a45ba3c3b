// SPDX-License-Identifier: AGPL-3.0-or-later
// Verifies the archive of a team without any line of minga: the proofs (FEP-8b32,
// eddsa-jcs-2022) of all its documents, by the keys in it.
// node verify-archive.mjs FOLDER

import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
const A='123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const b58=s=>{let n=0n;for(const c of s){const i=A.indexOf(c);if(i<0)throw Error('base58');n=n*58n+BigInt(i)}let h=n.toString(16);if(h.length%2)h='0'+h;let z=0;while(s[z]==='1')z++;return Buffer.concat([Buffer.alloc(z),Buffer.from(h,'hex')])}
const jcs=v=>Array.isArray(v)?'['+v.map(jcs).join(',')+']':v&&typeof v==='object'?'{'+Object.keys(v).sort().map(k=>JSON.stringify(k)+':'+jcs(v[k])).join(',')+'}':JSON.stringify(v)
const sha=s=>createHash('sha256').update(s).digest()
const root=process.argv[2]
const keys=new Map(JSON.parse(readFileSync(join(root,'keys.json'))).map(k=>[k.id,k]))
const walk=d=>readdirSync(d).flatMap(f=>statSync(join(d,f)).isDirectory()?walk(join(d,f)):[join(d,f)])
let bad=0,n=0
for(const f of walk(root).filter(f=>f.endsWith('.json')&&!/(keys|room)\.json$/.test(f))){
const doc=JSON.parse(readFileSync(f)); const {proof,...rest}=doc; const {proofValue,...options}=proof
if(doc['@context']&&!options['@context'])options['@context']=doc['@context']
const k=keys.get(proof.verificationMethod); const raw=b58(k.publicKeyMultibase.slice(1)).subarray(2)
const key=createPublicKey({key:{kty:'OKP',crv:'Ed25519',x:raw.toString('base64url')},format:'jwk'})
const ok=k.controller===(doc.actor||doc.attributedTo)&&verify(null,Buffer.concat([sha(jcs(options)),sha(jcs(rest))]),key,b58(proofValue.slice(1)))
n++; if(!ok){bad++;console.log('BAD',f)}
}
console.log(`${n-bad} of ${n} verified`); process.exit(bad||!n?1:0)
