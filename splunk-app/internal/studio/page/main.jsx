// Shows a Dashboard Studio definition with Splunk's own components, as Splunk Web does: the definition comes from /definition, form tokens
// from the address (form.host=..., form.time.earliest=...), searches go to the splunkd of $C.
import React from 'react';
import { createRoot } from 'react-dom/client';
import SplunkThemeProvider from '@splunk/themes/SplunkThemeProvider';
import { DashboardContextProvider } from '@splunk/dashboard-context';
import DashboardCore from '@splunk/dashboard-core';
import EnterprisePreset from '@splunk/dashboard-presets/EnterprisePreset';
import { createSchemaBasedOnPresets } from '@splunk/dashboard-definition';
import Ajv from 'ajv';
import ajvErrors from 'ajv-errors';

// tokens are what the address sets: form.NAME and plain NAME.
function tokens() {
    const found = {};
    new URLSearchParams(window.location.search).forEach((value, name) => {
        found[name.replace(/^form\./, '')] = value;
    });
    return found;
}

// problems is what Splunk's schema of definitions objects to.
window.problems = (definition = window.DEFINITION) => {
    const ajv = new Ajv({ allErrors: true, strict: false, logger: false });
    ajvErrors(ajv);
    const validate = ajv.compile(createSchemaBasedOnPresets(EnterprisePreset));
    return validate(definition) ? [] : validate.errors.map((e) => `${e.instancePath}: ${e.message}`);
};

createRoot(document.getElementById('root')).render(
    <SplunkThemeProvider family="prisma" colorScheme={window.THEME} density="compact">
        <DashboardContextProvider preset={EnterprisePreset} initialDefinition={window.DEFINITION} initialMode="view"
            initialTokenBinding={{ default: tokens() }} onTokenBindingChange={(binding) => { window.binding = binding; }}>
            <DashboardCore width="100%" height="100vh" />
        </DashboardContextProvider>
    </SplunkThemeProvider>,
);
