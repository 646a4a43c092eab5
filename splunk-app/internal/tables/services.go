package tables

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Services makes the lookup weir_services.csv (port, transport, service) of the table that enrich names services by: lines with a name,
// its ports and its transport protocols, such as "irc 194,6665-6669 tcp".
func Services(table string) ([]byte, error) {
	type row struct {
		port               int
		transport, service string
	}
	var rows []row
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		if len(words) != 3 {
			return nil, fmt.Errorf("%q has not three words", line)
		}
		ports, err := portsOf(words[1])
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		for _, transport := range strings.Split(words[2], ",") {
			for _, port := range ports {
				rows = append(rows, row{port, transport, words[0]})
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		if a.port != b.port {
			return a.port - b.port
		}
		return strings.Compare(a.transport, b.transport)
	})
	lines := [][]string{{"port", "transport", "service"}}
	for _, r := range rows {
		lines = append(lines, []string{strconv.Itoa(r.port), r.transport, r.service})
	}
	return asCSV(lines)
}

// portsOf reads ports and ranges of them.
func portsOf(text string) (ports []int, err error) {
	for _, part := range strings.Split(text, ",") {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		first, err := strconv.ParseUint(low, 10, 16)
		if err != nil {
			return nil, err
		}
		last, err := strconv.ParseUint(high, 10, 16)
		if err != nil {
			return nil, err
		}
		for p := first; p <= last; p++ {
			ports = append(ports, int(p))
		}
	}
	return ports, nil
}

func asCSV(lines [][]string) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	err := w.WriteAll(lines)
	return out.Bytes(), err
}
