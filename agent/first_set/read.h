/* Reads first-set.conf from the disk. */
#ifndef AGENT_FIRST_SET_READ_H
#define AGENT_FIRST_SET_READ_H

#include "agent/first_set/conf.h"

/*
 * Read and parse the file at @path.
 *
 * Returns as first_set_conf_parse() does, or -1 with @err set when it cannot be read.
 */
int first_set_conf_read(
    const char *path, struct first_set_conf *conf, struct error *err) MUST_CHECK;

#endif
