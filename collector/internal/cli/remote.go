package cli

import (
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
)

// tokenVariable names the environment's variable with a token: arguments can be read by all users of a machine.
const tokenVariable = "WEIR_TOKEN"

// remote is a collector's API on another machine, and how it and the command make themselves known.
type remote struct {
	url, token    string
	ca, cert, key string
}

func (r *remote) add(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&r.url, "url", "", "URL of a collector's API, instead of --data; or elastic+https://HOST:PORT/NAMESPACE of Elasticsearch or OpenSearch, see docs/elastic.md")
	fs.StringVar(&r.token, "token", "", "with --url: token of the API, for Elasticsearch the API key or the user's password (default: $"+tokenVariable+", which other users cannot see)")
	fs.StringVar(&r.ca, "ca", "", "with --url: certificates (PEM) of the authorities that the collector's is checked against (default: the system's)")
	fs.StringVar(&r.cert, "cert", "", "with --url: client certificate (PEM), where the collector wants one")
	fs.StringVar(&r.key, "key", "", "with --url: key of --cert (PEM)")
}

// client returns a client of the API.
func (r *remote) client() (*query.Client, error) {
	if r.isElastic() {
		return nil, command.Usagef("--url %s: Elasticsearch does not have this: name a collector", r.url)
	}
	cfg := query.ClientConfig{URL: r.url, Token: r.token}
	if cfg.Token == "" {
		cfg.Token = os.Getenv(tokenVariable)
	}
	if (r.cert == "") != (r.key == "") {
		return nil, command.Usagef("--cert and --key belong together")
	}
	if r.ca == "" && r.cert == "" {
		return query.NewClient(cfg)
	}
	files := sink.TLS{CA: r.ca, Cert: r.cert, Key: r.key}
	secure, err := files.Load()
	if err != nil {
		return nil, err
	}
	cfg.HTTP = &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: secure, ForceAttemptHTTP2: true}}
	return query.NewClient(cfg)
}
