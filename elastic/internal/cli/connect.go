package cli

import (
	"cmp"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/setup"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
)

// where are the flags that say which cluster is meant.
type where struct {
	config    string
	nodes     []string
	ca        string
	user      string
	namespace string
}

func (w *where) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&w.config, "config", "c", "", "weir.yaml, whose section elastic names the cluster")
	f.StringArrayVar(&w.nodes, "node", nil, "node of the cluster, like https://search.example.net:9200 (may be repeated)")
	f.StringVar(&w.ca, "ca", "", "certificates (PEM) of the authorities that the nodes' are checked against")
	f.StringVar(&w.user, "user", "", "user, whose password is in the environment variable WEIR_ELASTIC_PASSWORD")
	f.StringVar(&w.namespace, "namespace", "", "end of the names of data streams (default \"default\")")
}

// passwordVariable holds the password of --user.
const passwordVariable = "WEIR_ELASTIC_PASSWORD"

// section returns the section elastic of the configuration, with what flags say.
func (w *where) section() (config.Elastic, error) {
	c := config.Default()
	if w.config != "" {
		var err error
		if c, err = config.Load(w.config); err != nil {
			return config.Elastic{}, err
		}
	}
	e := c.Elastic
	if len(w.nodes) > 0 {
		e.Nodes = w.nodes
	}
	e.CA, e.Namespace = cmp.Or(w.ca, e.CA), cmp.Or(w.namespace, e.Namespace)
	if w.user != "" {
		e.Username, e.Password, e.APIKey = w.user, config.Secret{Env: passwordVariable}, config.Secret{}
	}
	if len(e.Nodes) == 0 {
		return e, command.Usagef("which cluster? Name it in weir.yaml (--config) below elastic.nodes, or by --node")
	}
	return e, nil
}

// connect returns the client and what setup is asked for.
func (w *where) connect() (*client.Client, setup.Config, error) {
	e, err := w.section()
	if err != nil {
		return nil, setup.Config{}, err
	}
	c, err := client.New(client.FromConfig(e))
	return c, setupConfig(&e), err
}

func setupConfig(e *config.Elastic) setup.Config {
	r := e.Setup.Retention
	return setup.Config{Namespace: e.Namespace, Options: assets.Options{
		Lifecycle: assets.Lifecycle(e.Setup.Lifecycle), Shards: e.Setup.Shards, Replicas: e.Setup.Replicas, LogsDB: e.Setup.LogsDB,
		Retention: map[document.Kind]time.Duration{
			document.Flow: r.Flow, document.Session: r.Session, document.AlertEvent: r.Alert,
			document.Exporter: r.Exporter, document.Interface: r.Interface, document.DeadLetter: r.DeadLetter,
		},
	}}
}
