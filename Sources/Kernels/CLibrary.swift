#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// The C library's functions, for rare arguments that lanes do not handle.

func librarySine(_ x: Double) -> Double { sin(x) }
func libraryCosine(_ x: Double) -> Double { cos(x) }
func libraryTangent(_ x: Double) -> Double { tan(x) }
func libraryPower(_ x: Double, _ y: Double) -> Double { pow(x, y) }
