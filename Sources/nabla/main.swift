import Shell

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

exit(Shell(assistant: LineAssistant()) { "= \($0)\n" }.run())
