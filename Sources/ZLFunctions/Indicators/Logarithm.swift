import Glibc

/// The platform's logarithm under a name that no module's own shadows.
enum Logarithm {
    static func natural(_ x: Double) -> Double { Glibc.log(x) }
}
