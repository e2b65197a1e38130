#include "common/ntp/packet.h"

#include "common/address.h"
#include "common/digest.h"

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t
get64(const uint8_t *p)
{
	return (uint64_t)get32(p) << 32 | get32(p + 4);
}

static void
put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static void
put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)(v >> 32));
	put32(p + 4, (uint32_t)v);
}

int
ntp_packet_decode(const uint8_t *bytes, size_t len, struct ntp_packet *packet, struct error *err)
{
	uint8_t version;

	if (len < NTP_HEADER_BYTES) {
		return error_set(
		    err, "NTP datagram of %zu bytes is shorter than %d", len, NTP_HEADER_BYTES);
	}
	version = (bytes[0] >> 3) & 7;
	if (version < 1 || version > 4) {
		return error_set(err, "NTP version %u is not 1 to 4", version);
	}
	*packet = (struct ntp_packet){
		.leap = bytes[0] >> 6,
		.version = version,
		.mode = bytes[0] & 7,
		.stratum = bytes[1],
		.poll_log2 = (int8_t)bytes[2],
		.precision_log2 = (int8_t)bytes[3],
		.root_delay = get32(bytes + 4),
		.root_disp = get32(bytes + 8),
		.refid = get32(bytes + 12),
		.reference = get64(bytes + 16),
		.origin = get64(bytes + 24),
		.receive = get64(bytes + 32),
		.transmit = get64(bytes + 40),
	};
	return 0;
}

void
ntp_packet_encode(const struct ntp_packet *packet, uint8_t *bytes)
{
	bytes[0] = (uint8_t)(packet->leap << 6 | (packet->version & 7) << 3 | (packet->mode & 7));
	bytes[1] = packet->stratum;
	bytes[2] = (uint8_t)packet->poll_log2;
	bytes[3] = (uint8_t)packet->precision_log2;
	put32(bytes + 4, packet->root_delay);
	put32(bytes + 8, packet->root_disp);
	put32(bytes + 12, packet->refid);
	put64(bytes + 16, packet->reference);
	put64(bytes + 24, packet->origin);
	put64(bytes + 32, packet->receive);
	put64(bytes + 40, packet->transmit);
}

uint32_t
ntp_refid_of(const struct ip *ip)
{
	uint8_t digest[MD5_BYTES];

	switch (ip->family) {
	case IP_V4:
		return get32(ip->bytes);
	case IP_V6:
		return md5(ip->bytes, sizeof(ip->bytes), digest) ? get32(digest) : 0;
	case IP_NONE:
		break;
	}
	return 0;
}
