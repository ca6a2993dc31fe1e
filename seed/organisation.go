package seed

import (
	"fmt"
	"strings"
	"time"
)

// organisation is the demo's name; none of it exists.
const organisation = "Nordhaven Energy AG"

// zone of the demo organisation.
const zone = "Europe/Berlin"

// peopleCSV is the list of people: those of the demo cluster, those who review,
// and those of the recordings. left is when Carol left.
func peopleCSV(left time.Time) string {
	day := left.Format(time.DateOnly)
	return "name,email,joined_at,left_at,manager,principals\n" + strings.Join([]string{
		"Alice Berger,alice@nordhaven.example,2021-03-01,,lena.vogt@nordhaven.example,linux:alice",
		"Bob Tanaka,bob@nordhaven.example,2022-09-15,,omar.keita@nordhaven.example,linux:bob",
		"Carol Lind,carol@nordhaven.example,2020-01-07," + day + ",omar.keita@nordhaven.example,linux:carol",
		"Dave Osei,dave@nordhaven.example,2023-05-02,,omar.keita@nordhaven.example,linux:dave",
		"Erin Walsh,erin@nordhaven.example,2019-11-18,,lena.vogt@nordhaven.example,linux:erin",
		"Omar Keita,omar.keita@nordhaven.example,2018-06-01,,lena.vogt@nordhaven.example,linux:omar",
		"Lena Vogt,lena.vogt@nordhaven.example,2017-02-13,,,",
		"Ingrid Solberg,ingrid.solberg@nordhaven.example,2020-08-03,,,",
		"Alice Example,alice@example.com,2022-01-01,,,",
		"Bob Example,bob@example.com,2022-01-01,,,",
		"Carol Example,carol@example.com,2022-01-01,2026-11-19,,",
		"Dave Example,dave@example.com,2022-01-01,,,",
		"Erin Example,erin@example.com,2022-01-01,,,",
	}, "\n") + "\n"
}

// registersYAML declares what is expected in the demo.
func registersYAML(now time.Time) string {
	in := func(days int) string { return now.AddDate(0, 0, days).Format(time.DateOnly) }
	return fmt.Sprintf(`registers:
  ci_principals:
    - {value: "system:serviceaccount:ci:deployer", owner: omar.keita@nordhaven.example, reason: delivery pipeline, ticket: CHG-1102}
  ci_networks:
    - {value: 10.30.0.0/24, owner: omar.keita@nordhaven.example, reason: runners of the pipeline}
  shared_accounts:
    - {value: "k8s:shared-ops", owner: omar.keita@nordhaven.example, reason: on-call team, approver: lena.vogt@nordhaven.example, ticket: SEC-12, expires: %s}
    - {value: "linux:ubuntu", owner: omar.keita@nordhaven.example, reason: image default for emergencies, approver: lena.vogt@nordhaven.example, ticket: SEC-31, expires: %s}
  trusted_impersonators: []
  prod_scope:
    - {value: "namespace:payments"}
    - {value: "namespace:web"}
    - {value: "namespace:data"}
    - {value: "cluster-scoped"}
expected_sources:
  - {name: prod-cluster, max_gap: 15m}
  - {name: prod-hosts, max_gap: 24h}
`, in(70), in(160))
}

// auditPolicy is the policy of the demo cluster.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  resources:
  - {group: "", resources: [secrets, configmaps, serviceaccounts/token]}
  - {group: authentication.k8s.io, resources: [tokenreviews]}
- level: RequestResponse
  verbs: [create, update, patch, delete, deletecollection]
  resources:
  - {group: rbac.authorization.k8s.io}
  - {group: networking.k8s.io}
  - {group: projectcalico.org}
  - {group: crd.projectcalico.org}
  - {group: apps}
  - {group: "", resources: [namespaces]}
- level: Metadata
`

// authorizedKeys names who owns which key. The keys are made up: only their
// fingerprints appear in logs, and they are listed as principals.
func keyPrincipals(csv string) string {
	for _, key := range []string{"alice", "bob", "erin", "omar"} {
		csv = strings.Replace(csv, ",linux:"+key+"\n", ",linux:"+key+";sshkey:"+fingerprints[key]+"\n", 1)
	}
	return csv
}
