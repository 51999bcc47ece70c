// Simulates the service control policies of docs/policies: each case of the table must come out as it
// says, for a caller whose own policies allow everything.
import { readFileSync } from 'node:fs'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const ACCOUNT = '111122223333'
const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url)))
const tables = ['./policy-cases.json', './policy-cases-members.json'].map(read)

const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const all = { name: 'everything', policy: everything }

async function outcome(documents, caller, action, resource, context) {
  const arn = `arn:aws:iam::${ACCOUNT}:${caller}`
  const simulation = {
    request: {
      principal: arn,
      action,
      resource: { resource, accountId: ACCOUNT },
      contextVariables: { 'aws:PrincipalArn': arn, ...context },
    },
    identityPolicies: [all],
    serviceControlPolicies: [{ orgIdentifier: 'root', policies: [all, ...documents] }],
    resourceControlPolicies: [],
  }
  const answer = await runSimulation(simulation, {})
  if (!answer.overallResult) throw new Error(`${action} on ${resource}: ${JSON.stringify(answer.errors)}`)
  return answer.overallResult === 'Allowed' ? 'allowed' : 'denied'
}

let tried = 0
const wrong = []
for (const { policies, callers, resources, cases } of tables) {
  const documents = policies.map((name) => ({ name, policy: read(`../docs/policies/${name}`) }))
  for (const { actions, on, context = {}, allowed, denied } of cases) {
    for (const action of actions) {
      for (const [expected, names] of [['allowed', allowed], ['denied', denied]]) {
        for (const name of names) {
          const found = await outcome(documents, callers[name], action, resources[on], context)
          tried += 1
          if (found !== expected) wrong.push(`${name}: ${action} on ${on} is ${found}, not ${expected}`)
        }
      }
    }
  }
}
console.log(`${tried} calls simulated, ${wrong.length} came out wrong`)
if (wrong.length) {
  console.error(wrong.join('\n'))
  process.exit(1)
}
