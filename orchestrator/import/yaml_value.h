/* A YAML document as a JSON value: maps, lists, texts, numbers, truths, null. */
#ifndef ORCHESTRATOR_IMPORT_YAML_VALUE_H
#define ORCHESTRATOR_IMPORT_YAML_VALUE_H

#include "common/error.h"

#include <jansson.h>

/*
 * Read the file @path; an empty one is an empty map.  Plain scalars mean what YAML 1.1 lets them
 * mean, as Puppet reads them: yes and off are truths.
 *
 * @value: a new reference
 *
 * Returns 0, or -1 with @err set.
 */
int yaml_value_read(const char *path, json_t **value, struct error *err) MUST_CHECK;

#endif
