/* What the kernel and the hardware say is read, and what they do not say stays untold. */
#include "agent/host/hardware.h"
#include "tests/fake_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
the_processor_tells_its_temperature_and_no_other_sensor(void **state UNUSED)
{
	struct hardware hardware = { .looked = false };
	struct report report;

	fake_root_put("/sys/class/hwmon/hwmon0/name", "nvme\n");
	fake_root_put("/sys/class/hwmon/hwmon0/temp1_input", "30000\n");
	fake_root_put("/sys/class/hwmon/hwmon1/name", "coretemp\n");
	fake_root_put("/sys/class/hwmon/hwmon1/temp1_input", "47500\n");
	hardware_read(fake_root, &hardware, &report);
	assert_true(report.temperature_c > 47.4 && report.temperature_c < 47.6);
	fake_root_put("/sys/class/hwmon/hwmon1/temp1_input", "-5000\n");
	hardware_read(fake_root, &hardware, &report);
	assert_true(report.temperature_c < -4.9 && report.temperature_c > -5.1);
	fake_root_put("/sys/class/hwmon/hwmon1/temp1_input", "127000000\n");
	hardware_read(fake_root, &hardware, &report);
	assert_true(report.temperature_c == 0);
}

static void
a_zone_of_the_board_does_where_there_is_no_better_sensor(void **state UNUSED)
{
	struct hardware hardware = { .looked = false };
	struct report report;

	fake_root_put("/sys/class/hwmon/hwmon0/name", "coretemp\n"); /* it has no first sensor */
	fake_root_put("/sys/class/thermal/thermal_zone0/type", "acpitz\n");
	fake_root_put("/sys/class/thermal/thermal_zone0/temp", "25000\n");
	hardware_read(fake_root, &hardware, &report);
	assert_true(report.temperature_c > 24.9 && report.temperature_c < 25.1);
}

static void
a_host_without_a_sensor_tells_nothing(void **state UNUSED)
{
	struct hardware hardware = { .looked = false };
	struct report report = { .temperature_c = 3 };

	hardware_read(fake_root, &hardware, &report);
	assert_true(report.temperature_c == 0);
	assert_true(hardware.looked);
	assert_string_equal(hardware.path, "");
}

static void
flags_of_the_kernel_are_words(void **state UNUSED)
{
	struct kernel_clock kernel = { .flags = 0x2041 };
	char words[KERNEL_WORDS_BYTES];

	assert_string_equal(kernel_words(&kernel, words), "pll, unsynchronised, nano");
	kernel.flags = 0;
	assert_string_equal(kernel_words(&kernel, words), "no flags");
	kernel.flags = 0xffff;
	assert_non_null(strstr(kernel_words(&kernel, words), ", second-source"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, fake_root_make, fake_root_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_processor_tells_its_temperature_and_no_other_sensor),
		TEST(a_zone_of_the_board_does_where_there_is_no_better_sensor),
		TEST(a_host_without_a_sensor_tells_nothing),
		cmocka_unit_test(flags_of_the_kernel_are_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
