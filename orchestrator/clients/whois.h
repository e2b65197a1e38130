/* Finds in what a WHOIS server says whom to write to about abuse.  No I/O. */
#ifndef ORCHESTRATOR_CLIENTS_WHOIS_H
#define ORCHESTRATOR_CLIENTS_WHOIS_H

#include "common/base.h"

#define WHOIS_CONTACT_BYTES 128

/*
 * Fill @contact with the address of mail that @text names for abuse: what a registry says of
 * itself ("Abuse contact for ... is"), else `abuse-mailbox`, else `OrgAbuseEmail`.
 *
 * @text: bytes from the network; nothing but letters, digits and "@.+-_" is taken from them
 * Returns whether there is one.
 */
bool whois_contact(const char *text, size_t len, char contact[WHOIS_CONTACT_BYTES]);

#endif
