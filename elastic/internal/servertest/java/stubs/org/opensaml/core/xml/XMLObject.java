package org.opensaml.core.xml;

/** Stands in for a class of OpenSAML, which the security module names but which no test uses. */
public interface XMLObject {}
