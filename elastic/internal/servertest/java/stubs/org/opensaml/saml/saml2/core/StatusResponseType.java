package org.opensaml.saml.saml2.core;

/** Stands in for a class of OpenSAML, which the security module names but which no test uses. */
public interface StatusResponseType {}
