package plugin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/weirflow/weir/shared/query"
)

// timedOut tells whether the time limit of the data source has passed.
func timedOut(err error) bool {
	var slow net.Error
	return errors.As(err, &slow) && slow.Timeout()
}

// dialing tells whether there was no connection.
func dialing(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// unreachable tells whether no answer came at all.
func unreachable(err error) bool {
	var request *url.Error
	return errors.As(err, &request)
}

// explain says what is wrong and how to mend it, in words for who sees a panel or the settings.
func explain(err error) string {
	var refused *query.StatusError
	if errors.As(err, &refused) {
		return explainStatus(refused)
	}
	var bad *query.Error
	if errors.As(err, &bad) {
		return bad.Error()
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "the query was canceled"
	case dialing(err):
		return explainConnection(err)
	case errors.Is(err, context.DeadlineExceeded), timedOut(err):
		return "the collector did not answer in time: ask for a shorter range or fewer groups, or raise the timeout in the data source's settings"
	case unreachable(err):
		return explainConnection(err)
	}
	return err.Error()
}

// explainStatus explains an answer that is not 200.
func explainStatus(e *query.StatusError) string {
	switch {
	case e.Status == http.StatusUnauthorized && !e.Foreign:
		return fmt.Sprintf("the collector does not accept the token (%s). Make one with weir token create grafana --scope read, and write it into the data source's settings", text(e))
	case e.Status == http.StatusForbidden && !e.Foreign:
		return fmt.Sprintf("the token may not do this (%s). Make one with weir token create grafana --scope read", text(e))
	case e.Status == http.StatusMisdirectedRequest:
		return fmt.Sprintf("the collector answers on this address only to its own machine's names (%s): use http://127.0.0.1:8474, or add the name to api.hosts in weir.yaml", text(e))
	case e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable && !e.Foreign:
		return fmt.Sprintf("the collector has too many questions to answer (%s): refresh less often, or raise api.limits in weir.yaml", text(e))
	case e.Status == http.StatusNotFound && !e.Foreign:
		return fmt.Sprintf("the collector is too old for this (%s): update it", text(e))
	case e.Foreign:
		return fmt.Sprintf("what answers at the URL is not a Weir collector, or a proxy in front of it (HTTP status %d): check the URL and its path", e.Status)
	}
	return text(e)
}

// text is what the collector said, without our own words about asking it.
func text(e *query.StatusError) string { return strings.TrimPrefix(e.Error(), "ask collector: ") }

// explainConnection explains why there is no answer at all.
func explainConnection(err error) string {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var dns *net.DNSError
	switch {
	case errors.As(err, &authority):
		return "the collector's certificate is of an authority that is not known here: switch on \"With CA Cert\" in the data source's settings and paste the authority's certificate"
	case errors.As(err, &host):
		return fmt.Sprintf("the collector's certificate is for another name (%v): use that name in the URL, or set the server name in the TLS settings", host)
	case errors.As(err, &invalid):
		return fmt.Sprintf("the collector's certificate is not valid (%v): renew it", invalid)
	case errors.As(err, &alert):
		return fmt.Sprintf("the collector refused the TLS connection (%v): where api.tls.client_ca is set, a client certificate is needed (\"TLS Client Auth\")", alert)
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "the collector does not speak TLS at this address: write http:// instead of https://, or set api.tls in weir.yaml"
	case errors.As(err, &dns):
		return fmt.Sprintf("the collector's name is not known (%s): check the URL", dns.Name)
	}
	return fmt.Sprintf("the collector cannot be reached (%v): is it running, is api.listen in weir.yaml an address that Grafana's machine reaches, does a firewall stand between?", cause(err))
}

// cause is the innermost error of a request, without method and URL.
func cause(err error) error {
	var request *url.Error
	if errors.As(err, &request) {
		return request.Err
	}
	return err
}
