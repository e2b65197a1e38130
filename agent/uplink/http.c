#include "agent/uplink/http.h"

#include "common/version.h"

#include <string.h>

void
http_post(const struct agent_config *config, const struct collector_address *collector,
    const char *body, size_t len, struct buf *out)
{
	bool ipv6 = strchr(collector->host, ':') != NULL;

	buf_printf(out,
	    "POST /api/v1/report HTTP/1.1\r\n"
	    "Host: %s%s%s:%s\r\n"
	    "User-Agent: timetier-agent/" TIMETIER_VERSION "\r\n"
	    "Authorization: Bearer %s\r\n"
	    "Timetier-Host: %s\r\n"
	    "Content-Type: application/json\r\n"
	    "Content-Length: %zu\r\n"
	    "\r\n",
	    ipv6 ? "[" : "", collector->host, ipv6 ? "]" : "", collector->port, config->token,
	    config->host, len);
	buf_add(out, body, len);
}
