package web

import (
	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
)

// example is a file to download and fill: what an import takes.
type example struct{ name, text string }

// importExample is the example of a part of the list of people. Its names are
// made up; the file is taken as it stands.
func importExample(name string) (example, bool) {
	for _, e := range []example{
		{"people.csv", "name,email,joined_at,left_at,manager,principals\n" +
			"Alice Adams,alice@example.com,2024-01-08,,erin@example.com,k8s:alice;linux:alice\n" +
			"Bob Brown,bob@example.com,2025-03-01,2026-10-31,alice@example.com,linux:bastion-1:bob;pg:bob_admin\n" +
			"Erin Evans,erin@example.com,2023-05-02,,,\n"},
		{"authorized_keys", "# One key a line. The comment names the owner, by e-mail address or login.\n" +
			"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKo00YBuuf7qgIVf3tAdL6Xipej4f8XlqnWgfDmC2TOp alice@example.com\n"},
		{"registers.yaml", registersExample},
	} {
		if e.name == name {
			return e, true
		}
	}
	return example{}, false
}

const registersExample = `# What is declared as expected. Every entry needs a value; give it an owner, a
# reason and, for what is an exception, a day on which it ends. An entry past its
# day does not apply. Leave out what you do not need.
registers:
  ci_principals:      # machines that change things on behalf of people
    - {value: "system:serviceaccount:ci:deployer", owner: alice@example.com, reason: delivery pipeline, expires: 2027-12-31}
  ci_networks:        # where those machines work from
    - {value: 192.0.2.0/24, owner: alice@example.com, reason: runners}
  shared_accounts:    # accounts that several people use
    - {value: "k8s:shared-ops", owner: alice@example.com, reason: on-call, approver: erin@example.com, ticket: SEC-12, expires: 2027-01-31}
  break_glass: []           # emergency accounts
  trusted_impersonators: [] # proxies that act for the person they name
  trusted_proxies: []       # networks whose forwarded addresses are believed
  allowed_networks: []      # where people may come from
  automation: []            # machines whose names look like people
  prod_scope:         # what belongs to production
    - {value: "namespace:payments"}
    - {value: "cluster-scoped"}
  protected_policies: []
  audited_tables: []
  application_roles: []
expected_sources:     # sources that must report, and how long they may be silent
  - {name: kubernetes, max_gap: 1h}
`

func (s *Server) importExampleShow(c *fiber.Ctx) error {
	e, ok := importExample(c.Params("name"))
	if !ok {
		return fault.New(fault.NotFound, "There is no example of this name.")
	}
	c.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+e.name+`"`)
	return c.SendString(e.text)
}
