// swift-tools-version: 6.2
import PackageDescription

let warnings: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// Where speed counts, overlapping accesses to a variable are not looked for while the program runs; debug builds and tests do.
let interpreter: [SwiftSetting] =
  warnings + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

/// Numeric rooms are optimised in the debug configuration too: a debug build of numeric code is 50 to 100 times slower.
let numeric: [SwiftSetting] =
  interpreter + [
    .unsafeFlags(["-O", "-wmo", "-num-threads", "2", "-disable-batch-mode"], .when(configuration: .debug))
  ]

/// Kernels are compiled once for every machine and, on x86-64, once more for each vector instruction set; `Tensors` picks at
/// run time. Their leaves work on unsafe pointers whose bounds the callers have checked.
func kernels(_ flags: [String], define name: String) -> [SwiftSetting] {
  warnings + [
    .unsafeFlags(["-Ounchecked", "-wmo", "-num-threads", "2", "-disable-batch-mode"], .when(configuration: .debug)),
    .unsafeFlags(["-Ounchecked"], .when(configuration: .release)),
    .unsafeFlags(flags.flatMap { ["-Xcc", $0] }),
    .define(name),
  ]
}

#if arch(x86_64)
  // The folders are links to Sources/Kernels. Their names sort after every other target: the linker keeps the first copy of a
  // weak symbol, so no other room can end up with code that only a newer processor understands.
  let vectorKernels: [Target] = [
    .target(
      name: "VectorKernels256", dependencies: ["CLanes", "KernelInterface"],
      swiftSettings: kernels(["-march=x86-64-v3"], define: "VECTOR256")),
    .target(
      name: "VectorKernels512", dependencies: ["CLanes", "KernelInterface"],
      swiftSettings: kernels(["-march=x86-64-v4", "-mprefer-vector-width=512"], define: "VECTOR512")),
  ]
#else
  let vectorKernels: [Target] = []
#endif

let package = Package(
  name: "nabla",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "nabla", targets: ["nabla"]),
    .library(name: "NablaEngine", targets: ["Tensors", "Networks", "Interchange"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
  ],
  targets: vectorKernels + [
    .systemLibrary(name: "CEditLine", providers: [.apt(["libedit-dev"]), .brew(["libedit"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(name: "CLanes"),
    .target(name: "CProcessor"),
    .target(name: "KernelInterface", swiftSettings: numeric),
    .target(
      name: "Kernels", dependencies: ["CLanes", "KernelInterface"], swiftSettings: kernels([], define: "BASELINE"),
      linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "Tensors",
      dependencies: [
        "CProcessor", "KernelInterface", "Kernels", .product(name: "RealModule", package: "swift-numerics"),
      ]
        + vectorKernels.map { .target(name: $0.name) },
      swiftSettings: numeric),
    .target(name: "Networks", dependencies: ["KernelInterface", "Tensors"], swiftSettings: numeric),
    .target(
      name: "Interchange", dependencies: ["Networks", "Tensors", "CZlib"], exclude: ["Data/README.md"],
      resources: [.embedInCode("Data/digits.csv.gz"), .embedInCode("Data/iris.csv")], swiftSettings: numeric),
    .target(name: "Display", swiftSettings: warnings),
    .target(name: "Notation", dependencies: ["Display"], swiftSettings: warnings),
    .target(name: "Formulary", dependencies: ["Notation"], swiftSettings: warnings),
    .target(
      name: "Language", dependencies: ["Display", "Interchange", "Networks", "Tensors"], swiftSettings: interpreter),
    .target(name: "Sessions", dependencies: ["Display", "Language"], swiftSettings: warnings),
    .target(
      name: "Explanations",
      dependencies: ["Display", "Formulary", "KernelInterface", "Language", "Networks", "Notation", "Tensors"],
      swiftSettings: warnings),
    .target(
      name: "Shell",
      dependencies: [
        "CEditLine", "Display", "Explanations", "Formulary", "KernelInterface", "Language", "Notation", "Sessions",
        "Tensors",
      ], swiftSettings: warnings),
    .executableTarget(
      name: "nabla",
      dependencies: ["Shell", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: warnings),
    .executableTarget(
      name: "Benchmarks",
      dependencies: ["Display", "Interchange", "KernelInterface", "Language", "Networks", "Tensors"],
      exclude: ["startup.py", "memory.py", "peers.py", "compare.py"], swiftSettings: numeric),
    .testTarget(
      name: "TensorsTests", dependencies: ["Tensors", "Kernels", "KernelInterface"], swiftSettings: warnings),
    .testTarget(
      name: "NetworksTests", dependencies: ["Interchange", "KernelInterface", "Networks", "Tensors"],
      resources: [.copy("Golden")], swiftSettings: warnings),
    .testTarget(
      name: "InterchangeTests", dependencies: ["Interchange", "Networks", "Tensors"], swiftSettings: warnings),
    .testTarget(name: "DisplayTests", dependencies: ["Display"], swiftSettings: warnings),
    .testTarget(
      name: "NotationTests", dependencies: ["Display", "Notation"], resources: [.embedInCode("formulas.txt")],
      swiftSettings: warnings),
    .testTarget(
      name: "LanguageTests",
      dependencies: ["Display", "Interchange", "KernelInterface", "Language", "Networks", "Sessions", "Tensors"],
      exclude: ["Cases"],
      resources: [.embedInCode("Programs/documents.nb"), .embedInCode("Programs/errors.txt")], swiftSettings: warnings),
    .testTarget(
      name: "FormularyTests", dependencies: ["Display", "Formulary", "Language", "Notation", "Tensors"],
      swiftSettings: warnings),
    .testTarget(
      name: "ExplanationsTests",
      dependencies: ["Display", "Explanations", "Formulary", "Language", "Networks", "Shell", "Tensors"],
      swiftSettings: warnings),
    .testTarget(name: "SessionsTests", dependencies: ["Sessions", "Shell"], swiftSettings: warnings),
    .testTarget(name: "ShellTests", dependencies: ["Shell", "nabla"], swiftSettings: warnings),
  ],
  swiftLanguageModes: [.v6]
)
