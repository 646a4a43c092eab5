package setup

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
)

// Export writes what the server needs as files into a folder, and says so on out: JSON for each asset and role, a script that puts them by
// hand, and a configuration for Terraform. It asks the server only what it is.
func (s *Setup) Export(ctx context.Context, dir string, out io.Writer) error {
	server, err := s.client.Probe(ctx)
	if err != nil {
		return err
	}
	list, err := assets.For(server, s.cfg.Options)
	if err != nil {
		return fmt.Errorf("setup: %w", err)
	}
	files := map[string][]byte{}
	for _, a := range list {
		if files[a.File], err = encode(a.Body); err != nil {
			return err
		}
	}
	for _, r := range assets.Roles(server) {
		if files[r.File], err = encode(r.Body); err != nil {
			return err
		}
		if server.Product == client.Elasticsearch {
			if files["security/api-key-"+r.Name+".json"], err = encode(assets.APIKey(r)); err != nil {
				return err
			}
		}
	}
	alias := document.Alert.Target(s.cfg.Namespace)
	if files["indices/"+alias+"-000001.json"], err = encode(alertIndex(alias)); err != nil {
		return err
	}
	files["main.tf"] = []byte(terraform(server, alias, assets.Chosen(server, s.cfg.Options)))
	files["README.md"] = []byte(readme(server, list, alias))
	for name, text := range files {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return fmt.Errorf("setup: %w", err)
		}
		if err := os.WriteFile(at, text, 0o644); err != nil {
			return fmt.Errorf("setup: %w", err)
		}
	}
	fmt.Fprintf(out, "%d files for %s are in %s\n", len(files), server, dir)
	return nil
}

func encode(body any) ([]byte, error) {
	text, err := json.MarshalIndent(body, "", "  ")
	return append(text, '\n'), err
}

// alertIndex is the body of the first index of alerts.
func alertIndex(alias string) map[string]any {
	return map[string]any{"aliases": map[string]any{alias: map[string]any{"is_write_index": true}}}
}
