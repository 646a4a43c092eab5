package config

import (
	"os"
	"strings"
	"testing"
)

// TestPoliciesPage loads every example of the page.
func TestPoliciesPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/policies.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.Split(string(page), "```yaml\n")[1:]
	if len(examples) < 6 {
		t.Errorf("only %d examples found", len(examples))
	}
	for _, e := range examples {
		text, _, _ := strings.Cut(e, "```")
		c, err := Parse("policies.md", []byte(text))
		if err != nil || len(c.Policies)+len(c.Roles) == 0 {
			t.Errorf("%v in\n%s", err, text)
		}
	}
}
