# Weir: make build | demo | test | lint | bench | bench-history | fuzz | soak. See README.md; CONTRIBUTING.md has the recipe for new components.

GO       ?= go
TOOLS    := $(CURDIR)/.tools/bin
LINT     := $(TOOLS)/golangci-lint
LINT_VER := v2.15.0
GF2_VER  := v2.2.6
TG_VER   := v1.37.2
# Of Telegraf's three hundred plugins those that tests and benchmarks use.
TG_TAGS  := custom,inputs.execd,inputs.netflow,outputs.discard,outputs.file,outputs.influxdb,outputs.prometheus_client,parsers.influx,serializers.influx
FUZZTIME ?= 60s
# What takes time when records come in, by which Go's compiler decides what to inline: make profile.
PROFILE  := shared/ingest.pgo
RELEASE  := -trimpath -pgo=$(PROFILE)
# Tests that need a tool which is missing skip and say so; with WEIR_CI=1 they fail instead.
export WEIR_CI ?=

.PHONY: all build dist setup setup-build demo test test-go test-pure test-front compatible cross lint bench bench-history profile eval fuzz soak docs clean

all: build

build: setup-build
	@mkdir -p bin dist
	$(GO) build $(RELEASE) -o bin/weir ./collector/cmd/weir
	CGO_ENABLED=0 $(GO) build $(RELEASE) -o bin/weir-telegraf ./telegraf-input/cmd/weir-telegraf
	CGO_ENABLED=0 $(GO) build $(RELEASE) -o bin/weir-elastic ./elastic/cmd/weir-elastic
	CGO_ENABLED=0 $(GO) build $(RELEASE) -o bin/weir-splunk ./splunk-app/cmd/weir-splunk
	@scripts/grafana native
	@scripts/splunk native

# What is shipped: the Grafana plugin with backends for every system that it runs on, the packages for Splunk for both architectures.
dist: build
	@scripts/grafana all
	@scripts/splunk all

# What building needs (Go, a C++ toolchain to link DuckDB) and what testing needs besides (tshark, nfdump, softflowd, tcpdump).
setup-build:
	@scripts/setup build

setup:
	@scripts/setup build test

demo: build
	bin/weir demo $(DEMOFLAGS)

test: setup build $(TOOLS)/telegraf test-pure test-front test-go

test-go:
	$(GO) test -race -timeout 25m ./...
	$(GO) test -timeout 25m ./shared/pipeline ./collector/internal/web/webtest ./elastic/engine ./splunk-app/internal/studio # whole scenarios, which the race detector makes too slow

# The front end of the Grafana data source: lint, types and tests with its editors rendered.
test-front:
	@scripts/grafana-front test

# Whether all that the front end takes from Grafana is there in 11.0.0, by Grafana's own tool, which npm fetches; a minute.
compatible:
	@scripts/grafana-front compatible

# The core and every packaging but the collector's store build and pass their tests without cgo.
test-pure:
	CGO_ENABLED=0 $(GO) vet ./...
	CGO_ENABLED=0 $(GO) build ./...

cross:
	for os in linux windows darwin freebsd; do CGO_ENABLED=0 GOOS=$$os GOARCH=amd64 $(GO) build ./shared/... || exit 1; done
	for to in linux/amd64 linux/arm64 windows/amd64 darwin/arm64; do \
		CGO_ENABLED=0 GOOS=$${to%/*} GOARCH=$${to#*/} $(GO) build ./telegraf-input/... ./elastic/... ./splunk-app/... || exit 1; done

$(LINT):
	GOBIN=$(TOOLS) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VER)

lint: setup-build $(LINT) cross
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt: $$(gofmt -l $$(git ls-files '*.go'))"; exit 1; }
	$(GO) mod verify >/dev/null
	$(GO) vet ./...
	$(LINT) run --allow-parallel-runners ./...

# How well the detectors do, on traffic of known truth: writes docs/detection-quality.md.
eval: build
	$(GO) run ./collector/cmd/weir-eval $(EVALFLAGS)

bench: build setup $(TOOLS)/goflow2 $(TOOLS)/telegraf
	$(GO) run ./collector/cmd/weir-bench $(BENCHFLAGS)
	$(GO) run ./collector/cmd/weir-bench compare $(COMPAREFLAGS)
	$(GO) run ./collector/cmd/weir-bench telegraf $(TELEGRAFFLAGS)
	$(GO) test -run '^$$' -bench Detectors -benchtime 3000000x ./shared/pipeline
	WEIR_RATE=1 $(GO) test -count=1 -run TestRate -v ./splunk-app/cmd/weir-splunk

# Makes the profile that executables are built by, of the benchmarks of what each record goes through. To be made again when that has changed
# much; a profile of other code does no harm.
profile:
	@mkdir -p bin/profile
	CGO_ENABLED=0 $(GO) test -trimpath -run '^$$' -bench Detectors -benchtime 3000000x -cpuprofile bin/profile/pipeline.prof -o bin/profile/pipeline.test ./shared/pipeline
	CGO_ENABLED=0 $(GO) test -trimpath -run '^$$' -bench . -cpuprofile bin/profile/hot.prof -o bin/profile/hot.test ./collector/internal/store/hot
	$(GO) tool pprof -proto bin/profile/pipeline.prof bin/profile/hot.prof > $(PROFILE)

# A history of 100 million records over 30 days, made once and then only made longer up to now, and what a running collector answers about
# it while it receives. HISTORY is its folder and needs 10 GB.
HISTORY ?= .bench/history
bench-history: build
	$(GO) run ./collector/cmd/weir-bench history --dir $(HISTORY) $(HISTORYFLAGS)
	$(GO) run ./collector/cmd/weir-bench latency --dir $(HISTORY) $(LATENCYFLAGS)

# The other side of the decoding benchmark.
$(TOOLS)/goflow2:
	GOBIN=$(TOOLS) $(GO) install github.com/netsampler/goflow2/v2/cmd/goflow2@$(GF2_VER)

# What weir-telegraf is tested under: a minute and 40 MB of modules once.
$(TOOLS)/telegraf:
	GOBIN=$(TOOLS) $(GO) install -trimpath -ldflags '-s -w' -tags '$(TG_TAGS)' github.com/influxdata/telegraf/cmd/telegraf@$(TG_VER)

# Every fuzz target for FUZZTIME each; go test takes one target at a time.
fuzz:
	@scripts/fuzz $(FUZZTIME)

# Long runs by hand; results are kept in docs/.
soak: build setup
	WEIR_SOAK=1 $(GO) test -count=1 -timeout 120m -run 'Soak|Crash' -v ./collector/...
	WEIR_SOAK=1 $(GO) test -count=1 -timeout 120m -p 1 -run 'TestSoak' -v ./elastic/internal/...
	WEIR_SOAK=1 $(GO) test -count=1 -timeout 40m -run 'TestSoak' -v ./grafana-datasource/pkg/plugin
	WEIR_SOAK=1 $(GO) test -count=1 -timeout 30m -run 'TestSoak' -v ./shared/decode/oracle
	WEIR_SOAK=1 $(GO) test -count=1 -timeout 15m -run 'TestReceiverAway' -v ./shared/sink/syslog

docs:
	@grep -rl --include='*_test.go' 'flag.Bool("update"' shared packaging collector grafana-datasource telegraf-input elastic splunk-app | xargs -n1 dirname | sort -u | sed 's|^|./|' | xargs -I{} $(GO) test {} -run 'Doc' -update

clean:
	rm -rf bin dist
