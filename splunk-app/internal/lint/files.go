package lint

import (
	"bytes"
	"debug/elf"
	"image/png"
	"path"
	"regexp"
	"strings"

	"github.com/weirflow/weir/splunk-app/internal/pack"
)

// files judges names, modes and pictures.
func (c *check) files() {
	for i := range c.p.Files {
		f := &c.p.Files[i]
		base, inBin := path.Base(f.Name), strings.HasPrefix(f.Name, "bin/")
		switch {
		case base[0] == '.' || strings.HasPrefix(f.Name, "local/") || base == "local.meta":
			c.fault("file", f.Name, "", "has no place in a package")
		case inBin && f.Mode&0o111 != 0o111:
			c.fault("executable", f.Name, "", "cannot be executed by all: %s", f.Mode)
		case !inBin && f.Mode&0o111 != 0:
			c.fault("executable", f.Name, "", "is executable, outside of bin: %s", f.Mode)
		}
		if strings.HasSuffix(base, ".png") {
			c.picture(f)
		}
	}
	for _, name := range []string{"default/app.conf", "app.manifest", "metadata/default.meta", "README.txt", "LICENSE", "static/appIcon.png", "static/appIcon_2x.png"} {
		if c.p.File(name) == nil {
			c.fault("file", name, "", "is missing")
		}
	}
}

// sizes are those that Splunk Web wants of pictures.
var sizes = map[string]int{"appIcon.png": 36, "appIconAlt.png": 36, "appIcon_2x.png": 72, "appIconAlt_2x.png": 72}

func (c *check) picture(f *pack.File) {
	image, err := png.DecodeConfig(bytes.NewReader(f.Data))
	want := sizes[path.Base(f.Name)]
	switch {
	case err != nil:
		c.fault("file", f.Name, "", "is no PNG: %v", err)
	case want != 0 && (image.Width != want || image.Height != want):
		c.fault("file", f.Name, "", "is %d by %d, not %d", image.Width, image.Height, want)
	}
}

// specStanza is where a spec tells of an input.
var specStanza = regexp.MustCompile(`(?m)^\[([^\]:]+)://`)

// scheme judges the names of inputs: Splunk finds the executable by the name of the scheme, and shows none whose names differ. Every setting that
// a default gives must be in the spec.
func (c *check) scheme() {
	const file = "README/inputs.conf.spec"
	spec := string(c.p.File(file))
	schemes := map[string]bool{}
	for _, m := range specStanza.FindAllStringSubmatch(spec, -1) {
		schemes[m[1]] = true
		if c.p.File("bin/"+m[1]) == nil {
			c.fault("scheme", file, m[1], "there is no executable bin/%s", m[1])
		}
		s, ok := c.confs["inputs"].Stanza(m[1])
		if !ok {
			c.fault("scheme", confFile("inputs"), m[1], "no defaults for the scheme")
		}
		for _, key := range s.Keys {
			if implicit := key == "index" || key == "sourcetype" || key == "host" || key == "source" || key == "disabled"; !implicit && !strings.Contains(spec, "\n"+key+" = ") {
				c.fault("scheme", file, m[1], "does not tell of %s", key)
			}
		}
		if s.Of["start_by_shell"] != "false" {
			c.fault("scheme", confFile("inputs"), m[1], "start_by_shell must be false, or no signal reaches the input")
		}
	}
	for _, s := range c.confs["inputs"] {
		if name, _, _ := strings.Cut(s.Name, "://"); !schemes[name] && name != "default" {
			c.fault("scheme", confFile("inputs"), s.Name, "the scheme is not in %s", file)
		}
	}
	for i := range c.p.Files {
		f := &c.p.Files[i]
		name, inBin := strings.CutPrefix(f.Name, "bin/")
		if !inBin {
			continue
		}
		if !schemes[name] {
			c.fault("scheme", f.Name, "", "belongs to no scheme")
		}
		if x, err := elf.NewFile(bytes.NewReader(f.Data)); err != nil {
			c.fault("executable", f.Name, "", "is no executable for Linux: %v", err)
		} else if libraries, err := x.ImportedLibraries(); err != nil || len(libraries) > 0 {
			c.fault("executable", f.Name, "", "needs libraries of the machine: %v %v", libraries, err)
		}
	}
}
