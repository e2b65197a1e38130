/* Asks the system's whois client whom to write to about abuse. */
#ifndef ORCHESTRATOR_COMMANDS_ABUSE_WHOIS_H
#define ORCHESTRATOR_COMMANDS_ABUSE_WHOIS_H

#include "common/address.h"
#include "orchestrator/clients/whois.h"

/*
 * Run `whois` (or $WHOIS) for @ip, for 20 s and 64 KB at most.
 *
 * Returns 0 with @contact filled, or -1 with @err set: there is no such client, or it names nobody.
 */
int abuse_whois(
    const struct ip *ip, char contact[WHOIS_CONTACT_BYTES], struct error *err) MUST_CHECK;

#endif
