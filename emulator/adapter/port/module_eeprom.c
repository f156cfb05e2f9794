// SPDX-License-Identifier: GPL-2.0-only
/*
 * Images of module memory: SFF-8472 (SFP+) and SFF-8636 (QSFP+). Every byte
 * offset below is one of those two standards; they count a QSFP+'s upper half
 * from HALF on.
 */
#include <stdio.h>
#include <string.h>

#include "connectx/mad.h"
#include "emulator/adapter/adapter.h"
#include "emulator/adapter/port/module_eeprom.h"

#define HALF 128
#define I2C_SPACE 256

/* Where 128-byte halves of each kind stand in port->module */
enum sfp_half {
	SFP_BASE,
	SFP_VENDOR,
	SFP_DIAGNOSTICS,
	SFP_USER,
};
enum qsfp_half {
	QSFP_LOWER,
	QSFP_UPPER, /* upper pages 0 to 3 follow each other */
	QSFP_PAGES = 4,
};

#define IDENTIFIER_SFP 0x03
#define IDENTIFIER_QSFP_PLUS 0x0d

static void put_text(uint8_t *to, size_t length, const char *text)
{
	size_t used = strlen(text);

	memset(to, ' ', length);
	memcpy(to, text, used < length ? used : length);
}

static void put_u16(uint8_t *to, unsigned int value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

/* High alarm, low alarm, high warning, low warning */
static void put_thresholds(uint8_t *to, int high_alarm, int low_alarm,
			   int high_warning, int low_warning)
{
	put_u16(to, (unsigned int)high_alarm);
	put_u16(to + 2, (unsigned int)low_alarm);
	put_u16(to + 4, (unsigned int)high_warning);
	put_u16(to + 6, (unsigned int)low_warning);
}

static uint8_t sum(const uint8_t *from, size_t length)
{
	uint8_t total = 0;

	while (length--)
		total += *from++;
	return total;
}

/* Readings in the units of both standards: 1/256 degree, 100 uV, 2 uA, 0.1 uW */
enum reading {
	TEMPERATURE = 35 * 256,
	VOLTAGE = 33000,
	BIAS = 3000,
	POWER = 5000,
};

static void put_serial(uint8_t *to, const struct port *port)
{
	char text[20];

	snprintf(text, sizeof(text), "VIRTUAL%02X%02X%02X",
		 port->factory_mac[3], port->factory_mac[4],
		 port->factory_mac[5]);
	put_text(to, 16, text);
}

static void fill_sfp(struct port *port)
{
	uint8_t *base = port->module[SFP_BASE];
	uint8_t *diagnostics = port->module[SFP_DIAGNOSTICS];

	base[0] = IDENTIFIER_SFP;
	base[1] = 0x04; /* defined by two-wire interface */
	base[2] = 0x07; /* LC connector */
	base[3] = 0x10; /* 10GBASE-SR */
	base[11] = 0x06; /* 64B/66B */
	base[12] = 103; /* 10.3 Gbit/s */
	base[16] = 8; /* OM2, 10 m units */
	base[17] = 3; /* OM1 */
	base[19] = 30; /* OM3 */
	put_text(base + 20, 16, "VIRTUAL");
	put_text(base + 40, 16, "SOFTWARE-SFP-SR");
	put_text(base + 56, 4, "A");
	put_u16(base + 60, 850); /* nm */
	base[63] = sum(base, 63);
	base[65] = 0x1a; /* TX_DISABLE, TX_FAULT, RX_LOS */
	put_serial(base + 68, port);
	put_text(base + 84, 8, "261122");
	base[92] = 0x68; /* diagnostics, calibrated, average power */
	base[93] = 0xb0; /* alarms, TX_FAULT and RX_LOS monitored */
	base[94] = 0x05; /* SFF-8472 revision 11.0 */
	base[95] = sum(base + 64, 31);

	put_thresholds(diagnostics, 75 * 256, -5 * 256, 70 * 256, 0);
	put_thresholds(diagnostics + 8, 36000, 30000, 35000, 31000);
	put_thresholds(diagnostics + 16, 6000, 500, 5500, 1000);
	put_thresholds(diagnostics + 24, 10000, 1000, 8000, 2000);
	put_thresholds(diagnostics + 32, 10000, 100, 8000, 200);
	/* Calibration constants: slopes of 1.0 for an internally calibrated */
	diagnostics[71] = 0x3f; /* RX power slope 1.0 as IEEE 754 */
	diagnostics[72] = 0x80;
	for (unsigned int slope = 76; slope <= 88; slope += 4)
		diagnostics[slope] = 1;
	diagnostics[95] = sum(diagnostics, 95);
	put_u16(diagnostics + 96, TEMPERATURE);
	put_u16(diagnostics + 98, VOLTAGE);
	put_u16(diagnostics + 100, BIAS);
	put_u16(diagnostics + 102, POWER);
	put_u16(diagnostics + 104, POWER);
}

static void fill_qsfp(struct port *port)
{
	uint8_t *lower = port->module[QSFP_LOWER];
	uint8_t *upper = port->module[QSFP_UPPER];
	uint8_t *limits = port->module[QSFP_UPPER + 3];

	lower[0] = IDENTIFIER_QSFP_PLUS;
	lower[1] = 0x05; /* SFF-8636 revision 1.5 */
	put_u16(lower + 22, TEMPERATURE);
	put_u16(lower + 26, VOLTAGE);
	for (unsigned int lane = 0; lane < 4; lane++) {
		put_u16(lower + 34 + 2 * lane, POWER);
		put_u16(lower + 42 + 2 * lane, BIAS);
		put_u16(lower + 50 + 2 * lane, POWER);
	}

	upper[0] = IDENTIFIER_QSFP_PLUS;
	upper[130 - HALF] = 0x0c; /* MPO connector */
	upper[131 - HALF] = 0x04; /* 40GBASE-SR4 */
	upper[139 - HALF] = 0x05; /* 64B/66B */
	upper[140 - HALF] = 103; /* 10.3 Gbit/s a lane */
	upper[143 - HALF] = 50; /* OM3, 2 m units */
	put_text(upper + 148 - HALF, 16, "VIRTUAL");
	put_text(upper + 168 - HALF, 16, "SOFTWARE-QSFP-SR");
	put_text(upper + 184 - HALF, 2, "A");
	put_u16(upper + 186 - HALF, 850 * 20);
	put_u16(upper + 188 - HALF, 10 * 200);
	upper[190 - HALF] = 70; /* degrees of the case */
	upper[191 - HALF] = sum(upper, 63);
	put_serial(upper + 196 - HALF, port);
	put_text(upper + 212 - HALF, 8, "261122");
	upper[220 - HALF] = 0x0c; /* average power, both directions */
	upper[223 - HALF] = sum(upper + 192 - HALF, 31);

	put_thresholds(limits, 75 * 256, -5 * 256, 70 * 256, 0);
	put_thresholds(limits + 144 - HALF, 36000, 30000, 35000, 31000);
	put_thresholds(limits + 176 - HALF, 10000, 100, 8000, 200);
	put_thresholds(limits + 184 - HALF, 6000, 500, 5500, 1000);
	put_thresholds(limits + 192 - HALF, 10000, 1000, 8000, 2000);
}

void module_eeprom_init(struct port *port)
{
	const struct profile *profile = &port->adapter->ethernet.profile;

	memset(port->module, 0, sizeof(port->module));
	port->module_present = !profile->twisted_pair;
	if (!port->module_present)
		return;
	if (profile->speed > 10000)
		fill_qsfp(port);
	else
		fill_sfp(port);
}

static const uint8_t *find_half(const struct port *port, uint8_t i2c_address,
				uint8_t page, unsigned int half)
{
	static const uint8_t none[HALF];

	if (port->module[0][0] == IDENTIFIER_SFP)
		return port->module[(i2c_address == CX_MAD_CABLE_I2C ?
					     SFP_BASE :
					     SFP_DIAGNOSTICS) +
				    half];
	if (half == 0)
		return port->module[QSFP_LOWER];
	return page < QSFP_PAGES ? port->module[QSFP_UPPER + page] : none;
}

unsigned int module_eeprom_read(const struct port *port, uint8_t i2c_address,
				uint8_t page, unsigned int address, uint8_t *to,
				size_t length)
{
	bool sfp = port->module[0][0] == IDENTIFIER_SFP;

	if (port->adapter->ethernet.profile.twisted_pair)
		return CX_MAD_CABLE_UNSUPPORTED;
	if (!port->module_present)
		return CX_MAD_CABLE_ABSENT;
	if (i2c_address != CX_MAD_CABLE_I2C &&
	    !(sfp && i2c_address == CX_MAD_CABLE_I2C_DIAGNOSTICS))
		return CX_MAD_CABLE_BAD_I2C;
	if (page > 15)
		return CX_MAD_CABLE_BAD_PAGE;
	if (!length || address >= I2C_SPACE || length > I2C_SPACE - address)
		return CX_MAD_CABLE_BAD_RANGE;

	for (; length--; address++)
		*to++ = find_half(port, i2c_address, page,
				  address / HALF)[address % HALF];
	return 0;
}
