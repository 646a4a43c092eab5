package config_test

import (
	"testing"

	"github.com/weirflow/weir/shared/config"
)

func TestExampleLoads(t *testing.T) {
	c, err := config.Parse("weir.example.yaml", []byte(config.Example))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", c)
}
