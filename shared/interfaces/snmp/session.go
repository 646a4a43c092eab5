package snmp

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/gosnmp/gosnmp"
)

var authProtocols = map[string]gosnmp.SnmpV3AuthProtocol{
	"": gosnmp.NoAuth, "md5": gosnmp.MD5, "sha": gosnmp.SHA, "sha224": gosnmp.SHA224, "sha256": gosnmp.SHA256, "sha384": gosnmp.SHA384, "sha512": gosnmp.SHA512,
}

var privacyProtocols = map[string]gosnmp.SnmpV3PrivProtocol{
	"": gosnmp.NoPriv, "des": gosnmp.DES, "aes": gosnmp.AES, "aes192": gosnmp.AES192, "aes256": gosnmp.AES256, "aes192c": gosnmp.AES192C, "aes256c": gosnmp.AES256C,
}

// snmpPort is where agents listen (RFC 3417).
const snmpPort = 161

// dial opens a session with the agent of an exporter; close it with its Conn.
func (a *Agent) dial(ctx context.Context, exporter netip.Addr) (*gosnmp.GoSNMP, error) {
	host, port := exporter.String(), uint16(snmpPort)
	if a.Address != "" {
		h, text, err := net.SplitHostPort(a.Address)
		n, portErr := strconv.ParseUint(text, 10, 16)
		if err != nil || portErr != nil {
			return nil, fmt.Errorf("address %q is not HOST:PORT", a.Address)
		}
		host, port = h, uint16(n)
	}
	s := &gosnmp.GoSNMP{Target: host, Port: port, Transport: "udp", Timeout: a.Timeout, Retries: a.Retries, MaxOids: gosnmp.MaxOids, Context: ctx}
	if err := a.authenticate(s); err != nil {
		return nil, err
	}
	if err := s.Connect(); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return s, nil
}

// authenticate gives the session its credentials.
func (a *Agent) authenticate(s *gosnmp.GoSNMP) (err error) {
	if a.Version == "2c" {
		s.Version = gosnmp.Version2c
		s.Community, err = a.Community.read()
		return err
	}
	user := &gosnmp.UsmSecurityParameters{UserName: a.User, AuthenticationProtocol: authProtocols[a.Auth], PrivacyProtocol: privacyProtocols[a.Privacy]}
	s.Version, s.SecurityModel, s.SecurityParameters, s.ContextName = gosnmp.Version3, gosnmp.UserSecurityModel, user, a.Context
	s.MsgFlags = gosnmp.NoAuthNoPriv
	if a.Auth != "" {
		s.MsgFlags = gosnmp.AuthNoPriv
		if user.AuthenticationPassphrase, err = a.AuthPassword.read(); err != nil {
			return err
		}
	}
	if a.Privacy != "" {
		s.MsgFlags = gosnmp.AuthPriv
		user.PrivacyPassphrase, err = a.PrivacyPassword.read()
	}
	return err
}
