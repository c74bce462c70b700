/* The least that a process can be: what every figure of benches/process.rs is measured against. */
int main(void) { return 0; }
