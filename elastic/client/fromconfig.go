package client

import (
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/sink"
)

// FromConfig returns the connection that a configuration describes.
func FromConfig(e config.Elastic) Config {
	return Config{
		Nodes: e.Nodes, Username: e.Username, Password: Secret(e.Password), APIKey: Secret(e.APIKey), Fingerprint: e.Fingerprint, Gzip: e.Gzip, Timeout: e.Timeout,
		TLS: sink.TLS{CA: e.CA, Cert: e.Cert, Key: e.Key, ServerName: e.ServerName, NoVerify: e.NoVerify},
	}
}
