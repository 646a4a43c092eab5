package cli_test

import (
	"fmt"
	"testing"

	"github.com/weirflow/weir/shared/sink/hec/hectest"
)

// TestReplayToSplunk: outputs of type hec beside the cluster get what is replayed, too, all of it before the command ends.
func TestReplayToSplunk(t *testing.T) {
	cluster, splunk := newSlow(t), hectest.New(t, hectest.Config{Token: "t", Ack: true})
	cluster.loose.Store(true)
	conf := file(t, "weir.yaml", fmt.Sprintf(
		"elastic: {nodes: [%q]}\noutputs: {splunk: {type: hec, url: %q, ca: %q, token: {value: t}, flows: all}}\n", cluster.URL, splunk.URL(), splunk.CA()))
	good(t, "replay", randomRecords(t), "--config", conf, "--data", t.TempDir())
	documents, _ := cluster.counts()
	if n := splunk.Safe(); n < 500 || documents < 500 {
		t.Errorf("%d events, %d documents", n, documents)
	}
}
