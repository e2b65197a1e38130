#include "common/ntp/mac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static size_t
from_hex(const char *text, uint8_t *bytes)
{
	size_t len = 0;
	unsigned byte;

	for (; sscanf(text, "%2x", &byte) == 1; text += 2) {
		bytes[len++] = (uint8_t)byte;
	}
	return len;
}

static void
a_cmac_is_that_of_rfc_4493(void **state UNUSED)
{
	static const struct {
		size_t len;
		const char *digest;
	} cases[] = {
		{ 0, "bb1d6929e95937287fa37d129b756746" },
		{ 16, "070a16b46b4d4144f79bdd9dd04a287c" },
		{ 40, "dfa66747de9ae63030ca32611497c827" },
		{ 64, "51f0bebf7e3b9d92fc49741779363cfe" },
	};
	struct mac_key key = { .id = 0x01020304, .type = MAC_AES128CMAC };
	uint8_t message[64], mac[MAC_BYTES_MAX], digest[16];

	key.secret_len = from_hex("2b7e151628aed2a6abf7158809cf4f3c", key.secret);
	from_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
		 "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	    message);
	for (size_t i = 0; i < COUNT(cases); i++) {
		from_hex(cases[i].digest, digest);
		assert_int_equal(mac_write(&key, message, cases[i].len, mac), 20);
		assert_memory_equal(mac, "\1\2\3\4", 4);
		assert_memory_equal(mac + 4, digest, 16);
	}
}

/* Digests by sha1sum and its like, of "secret" and 48 zeros. */
static void
the_older_macs_are_digests_of_secret_and_packet(void **state UNUSED)
{
	static const struct {
		enum mac_type type;
		const char *digest;
	} cases[] = {
		{ MAC_MD5, "cffb1b806c0408d3fcf421b90206de76" },
		{ MAC_SHA1, "57f14491aea7b102344e159031c8648095729c09" },
		{ MAC_SHA256, "a6d0c368de71879c128462c972a17a2a0c7bd6d5" },
	};
	static const uint8_t packet[48];

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mac_key key = { 1, cases[i].type, "secret", 6 };
		uint8_t mac[MAC_BYTES_MAX], digest[32];
		size_t len = from_hex(cases[i].digest, digest);

		assert_int_equal(mac_write(&key, packet, sizeof(packet), mac), 4 + len);
		assert_memory_equal(mac + 4, digest, len);
	}
}

static void
a_changed_bit_another_key_or_a_cut_end_is_noticed(void **state UNUSED)
{
	for (int type = MAC_MD5; type <= MAC_AES128CMAC; type++) {
		struct mac_key key = { 9, (enum mac_type)type, "0123456789abcdef", 16 };
		uint8_t bytes[48 + MAC_BYTES_MAX] = { 0x24 };
		size_t len = 48 + mac_write(&key, bytes, 48, bytes + 48);

		assert_true(len > 48);
		assert_true(mac_check(&key, bytes, len));
		for (size_t i = 0; i < len; i++) {
			bytes[i] ^= 1;
			assert_false(mac_check(&key, bytes, len));
			bytes[i] ^= 1;
			assert_false(mac_check(&key, bytes, i));
		}
		key.id = 8;
		assert_false(mac_check(&key, bytes, len));
	}
}

static void
a_cmac_key_of_another_length_than_16_is_of_no_use(void **state UNUSED)
{
	struct mac_key key = { 9, MAC_AES128CMAC, "0123456789abcde", 15 };
	uint8_t bytes[48 + MAC_BYTES_MAX] = { 0 };

	assert_int_equal(mac_write(&key, bytes, 48, bytes + 48), 0);
	assert_false(mac_check(&key, bytes, 68));
}

static void
types_are_found_by_their_names(void **state UNUSED)
{
	enum mac_type type = MAC_MD5;

	assert_true(mac_type_find("aes128cmac", &type));
	assert_int_equal(type, MAC_AES128CMAC);
	assert_true(mac_type_find("SHA1", &type));
	assert_int_equal(type, MAC_SHA1);
	assert_false(mac_type_find("SHA", &type));
	assert_int_equal(type, MAC_SHA1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cmac_is_that_of_rfc_4493),
		cmocka_unit_test(the_older_macs_are_digests_of_secret_and_packet),
		cmocka_unit_test(a_changed_bit_another_key_or_a_cut_end_is_noticed),
		cmocka_unit_test(a_cmac_key_of_another_length_than_16_is_of_no_use),
		cmocka_unit_test(types_are_found_by_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
