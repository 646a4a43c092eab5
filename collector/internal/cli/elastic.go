package cli

import (
	"context"
	"net/url"
	"os"
	"strings"

	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/engine"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/sink"
)

// elasticScheme begins a URL of Elasticsearch or OpenSearch in place of a collector's: elastic+https://search.example.net:9200/NAMESPACE.
const elasticScheme = "elastic+"

// defaultNamespace is that of data streams whose URL names none.
const defaultNamespace = "default"

func (r *remote) isElastic() bool { return strings.HasPrefix(r.url, elasticScheme) }

// elastic returns an engine that asks the cluster. The token is an API key, or with a user in the URL the user's password.
func (r *remote) elastic(ctx context.Context) (*engine.Connection, error) {
	u, err := url.Parse(strings.TrimPrefix(r.url, elasticScheme))
	if err != nil || u.Host == "" || u.RawQuery != "" {
		return nil, command.Usagef("--url: %sURL is of the form %shttps://HOST:PORT or %shttps://USER@HOST:PORT/NAMESPACE", elasticScheme, elasticScheme, elasticScheme)
	}
	if (r.cert == "") != (r.key == "") {
		return nil, command.Usagef("--cert and --key belong together")
	}
	if _, given := u.User.Password(); given {
		return nil, command.Usagef("--url: a password in it can be read by all users of this machine: leave it out, and set $%s", tokenVariable)
	}
	cfg := client.Config{TLS: sink.TLS{CA: r.ca, Cert: r.cert, Key: r.key}, Username: u.User.Username()}
	secret := client.Secret{Value: r.token}
	if secret.Value == "" {
		secret.Value = os.Getenv(tokenVariable)
	}
	switch {
	case cfg.Username != "" && secret.Value == "":
		return nil, command.Usagef("--url names the user %s: set $%s to the password", cfg.Username, tokenVariable)
	case cfg.Username != "":
		cfg.Password = secret
	default:
		cfg.APIKey = secret
	}
	namespace := strings.Trim(u.Path, "/")
	if namespace == "" {
		namespace = defaultNamespace
	}
	cfg.Nodes = []string{u.Scheme + "://" + u.Host}
	return engine.Connect(ctx, cfg, namespace)
}
