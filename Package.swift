// swift-tools-version: 6.1
import PackageDescription

// Modules import one way: ZLColumnar <- ZLFormats, ZLFunctions, ZLBoost <- ZLQuery <- zlsql (Scripts/check-imports).

// why: exclusive access is checked when modules are built for debugging, and tested so; in hot loops the checks cost up to 5 %
let release: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

let package = Package(
    name: "zlsql",
    products: [
        .executable(name: "zlsql", targets: ["zlsql"]),
        .library(name: "ZLQuery", targets: ["ZLQuery"]),
    ],
    targets: [
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-ffp-contract=off", "-fno-math-errno", "-O3"])]),
        .target(name: "ZLColumnar", dependencies: ["CKernels", "CZstd"], swiftSettings: release),
        .target(name: "ZLFormats", dependencies: ["ZLColumnar", "CKernels", "CZstd", "CZlib"], swiftSettings: release),
        .target(name: "ZLFunctions", dependencies: ["ZLColumnar", "CKernels"], swiftSettings: release),
        .target(name: "ZLBoost", dependencies: ["ZLColumnar", "CKernels"], swiftSettings: release),
        .target(name: "ZLQuery", dependencies: ["ZLColumnar", "ZLFormats", "ZLFunctions", "ZLBoost"], swiftSettings: release),
        .executableTarget(name: "zlsql", dependencies: ["ZLQuery", "CReadline"], swiftSettings: release),
        .testTarget(name: "ZLColumnarTests", dependencies: ["ZLColumnar"]),
        .testTarget(name: "ZLFormatsTests", dependencies: ["ZLFormats"]),
        .testTarget(name: "ZLFunctionsTests", dependencies: ["ZLFunctions"]),
        .testTarget(name: "ZLBoostTests", dependencies: ["ZLBoost"]),
        .testTarget(name: "ZLQueryTests", dependencies: ["ZLQuery"]),
        .testTarget(name: "zlsqlTests", dependencies: ["zlsql"]),
    ],
    swiftLanguageModes: [.v6]
)
