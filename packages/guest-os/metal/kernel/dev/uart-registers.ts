/** Registers and bits of the 16550A (National Semiconductor PC16550D data sheet, section 8) and the ports of an IBM PC/AT's three serial lines. */

export const COM1: u32 = 0x3f8;
export const COM2: u32 = 0x2f8;
export const COM3: u32 = 0x3e8;

/** Receiver buffer (read) and transmitter holding register (write); divisor latch, low byte, while DLAB is set. */
export const DATA: u32 = 0;
/** Interrupt enable; divisor latch, high byte, while DLAB is set. */
export const INTERRUPT_ENABLE: u32 = 1;
/** Interrupt identification (read) and FIFO control (write). */
export const INTERRUPT_ID: u32 = 2;
export const FIFO_CONTROL: u32 = 2;
export const LINE_CONTROL: u32 = 3;
export const MODEM_CONTROL: u32 = 4;
export const LINE_STATUS: u32 = 5;
export const SCRATCH: u32 = 7;

export const ENABLE_RECEIVE: u32 = 0x01;
export const ENABLE_TRANSMIT: u32 = 0x02;

/** Bit 0 of the identification is clear while an interrupt is pending. */
export const NOTHING_PENDING: u32 = 0x01;

/** FIFOs on, both cleared, receive trigger at 8 bytes. */
export const FIFO_SETUP: u32 = 0x87;
/** Bytes of either FIFO. */
export const FIFO_SIZE: u32 = 16;

export const DIVISOR_LATCH: u32 = 0x80;
/** Eight data bits, no parity, one stop bit. */
export const FRAME_8N1: u32 = 0x03;

/** DTR, RTS, and OUT2, which gates the interrupt line on a PC. */
export const MODEM_READY: u32 = 0x0b;

/** Loop-back: the transmitter feeds the receiver, the outside is cut off. */
export const MODEM_LOOP: u32 = 0x10;

export const DATA_READY: u32 = 0x01;
/** The transmit FIFO is empty: FIFO_SIZE bytes may be written at once. */
export const TRANSMIT_EMPTY: u32 = 0x20;
/** FIFO and shift register are empty. */
export const TRANSMITTER_IDLE: u32 = 0x40;

/** What a port reads as that nothing answers. */
export const EMPTY_BUS: u32 = 0xff;
