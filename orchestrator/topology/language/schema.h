/* The language of site.yaml from the rows of language.c, for editors and for people. */
#ifndef ORCHESTRATOR_TOPOLOGY_LANGUAGE_SCHEMA_H
#define ORCHESTRATOR_TOPOLOGY_LANGUAGE_SCHEMA_H

#include "common/buf.h"

/* JSON Schema 2020-12: schemas/site.schema.json, byte for byte. */
void schema_json(struct buf *out);

/* The list of keys in doc/site.yaml.5, as mdoc. */
void schema_man(struct buf *out);

#endif
