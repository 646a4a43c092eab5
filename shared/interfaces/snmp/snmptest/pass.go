package snmptest

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// value is an object that is served.
type value struct {
	oid        []uint64
	name       string
	kind, text string
}

// Main serves objects where snmpd has run the test's binary, and ends the process then; elsewhere it does nothing. TestMain calls it
// first.
func Main() {
	path := os.Getenv(valuesVariable)
	if path == "" || len(os.Args) != 2 {
		return
	}
	pass(path, os.Args[1])
	os.Exit(0)
}

// pass speaks the protocol of snmpd's pass_persist on the standard streams.
func pass(path, root string) {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		switch command := in.Text(); command {
		case "PING":
			fmt.Println("PONG")
		case "get", "getnext":
			if !in.Scan() {
				return
			}
			v, ok := look(path, root, in.Text(), command == "getnext")
			if !ok {
				fmt.Println("NONE")
				continue
			}
			fmt.Printf("%s\n%s\n%s\n", v.name, v.kind, v.text)
		default:
			fmt.Println("NONE")
		}
	}
}

// look finds the object of a name, or the next one below the root.
func look(path, root, name string, next bool) (value, bool) {
	asked := parse(name)
	for _, v := range read(path, root) {
		c := slices.Compare(v.oid, asked)
		if c == 0 && !next || c > 0 && next {
			return v, true
		}
	}
	return value{}, false
}

func read(path, root string) (list []value) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3)
		if len(f) == 3 && strings.HasPrefix(f[0], root+".") {
			list = append(list, value{parse(f[0]), f[0], f[1], f[2]})
		}
	}
	slices.SortFunc(list, func(a, b value) int { return slices.Compare(a.oid, b.oid) })
	return list
}

func parse(name string) (oid []uint64) {
	for _, part := range strings.Split(strings.TrimPrefix(name, "."), ".") {
		n, _ := strconv.ParseUint(part, 10, 32)
		oid = append(oid, n)
	}
	return oid
}
