/* Writes the language of site.yaml as a schema for editors and as a manual for people. */
#ifndef ORCHESTRATOR_TOPOLOGY_LANGUAGE_SCHEMA_H
#define ORCHESTRATOR_TOPOLOGY_LANGUAGE_SCHEMA_H

#include "common/buf.h"

/* Add the whole text of schemas/site.schema.json, a JSON Schema 2020-12. */
void schema_json(struct buf *out);

/* Add the list of keys for doc/site.yaml.5, in mdoc. */
void schema_man(struct buf *out);

#endif
