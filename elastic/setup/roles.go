package setup

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
)

// Roles writes the roles with the least privileges for a server as requests for its console, and how API keys are made of them.
func Roles(s client.Server, out io.Writer) error {
	for _, r := range assets.Roles(s) {
		text, err := json.MarshalIndent(r.Body, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "# For %s.\nPUT %s\n%s\n\n", r.For, r.Path, text)
		if s.Product == client.OpenSearch {
			continue
		}
		if text, err = json.MarshalIndent(assets.APIKey(r), "", "  "); err != nil {
			return err
		}
		fmt.Fprintf(out, "# Or an API key: what the answer has under \"encoded\" is elastic.api_key in weir.yaml.\nPOST /_security/api_key\n%s\n\n", text)
	}
	return nil
}
