package cim_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// model is a data set of CIM as pytest-splunk-addon publishes it.
type model struct {
	name     string
	fields   []modelField
	clusters [][]string // fields that are there together or not at all
}

type modelField struct {
	Name      string   `json:"name"`
	Type      string   `json:"type"` // required, conditional, optional, not_allowed_in_search...
	Expected  []string `json:"expected_values"`
	Condition string   `json:"condition"` // a search: where it holds a conditional field must be there
	Validity  string   `json:"validity"`  // an expression that is null where the value is wrong
}

// cimModel reads the first data set of a model; without the models the test is skipped, or fails under WEIR_CI=1.
func cimModel(t *testing.T, name string) model {
	t.Helper()
	const base = "../../../.tools/splunk/cim/lib/python3*/site-packages/pytest_splunk_addon/data_models/"
	files, err := filepath.Glob(base + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if os.Getenv("WEIR_CI") == "1" {
			t.Fatal("the models of CIM are missing: run scripts/setup test")
		}
		t.Skip("SKIPPED, not tested: the models of CIM are missing (run scripts/setup test)")
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Objects []struct {
			Fields   []modelField `json:"fields"`
			Clusters [][]string   `json:"fields_cluster"`
		} `json:"objects"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Objects) == 0 || len(file.Objects[0].Fields) < 10 {
		t.Fatalf("%s: no fields", files[0])
	}
	return model{name, file.Objects[0].Fields, file.Objects[0].Clusters}
}
