import CKernels
import Glibc

/// Numbers as LightGBM's files have them: `%.17g` where bits count, `%g` elsewhere; always with a point, whatever the locale.
enum NumberText {
    /// Runs `body` with the C locale's number format on this thread.
    static func withPointAsSeparator<Result>(_ body: () -> Result) -> Result {
        let numericMask: Int32 = 1 << LC_NUMERIC
        guard let plain = newlocale(numericMask, "C", nil) else { return body() }
        let previous = uselocale(plain)
        defer {
            uselocale(previous)
            freelocale(plain)
        }
        return body()
    }

    /// Appends `value` with 17 significant digits, which read back to the same bits. Inside `withPointAsSeparator`.
    static func appendExact(_ value: Double, to bytes: inout [UInt8]) { append(value, digits: 17, &bytes) }

    /// Appends `value` with six significant digits. Inside `withPointAsSeparator`.
    static func appendShort(_ value: Double, to bytes: inout [UInt8]) { append(value, digits: 6, &bytes) }

    private static func append(_ value: Double, digits: Int32, _ bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 40) { buffer in
            guard let base = buffer.baseAddress else { return }
            let written: Int32 = zl_print_double(base, 40, digits, value)
            for index in 0..<max(0, Int(written)) { bytes.append(UInt8(bitPattern: base[index])) }
        }
    }

    /// The tree with those numbers rounded that a file holds with six digits only.
    static func roundedLikeText(_ tree: Tree) -> Tree {
        withPointAsSeparator {
            var rounded: Tree = tree
            var bytes: [UInt8] = []
            func round(_ value: Double) -> Double {
                bytes.removeAll(keepingCapacity: true)
                appendShort(value, to: &bytes)
                bytes.append(0)
                return bytes.withUnsafeBytes { raw in
                    raw.baseAddress.map { strtod($0.assumingMemoryBound(to: CChar.self), nil) } ?? value
                }
            }
            for node in rounded.splitGain.indices {
                rounded.splitGain[node] = round(rounded.splitGain[node])
                rounded.internalValue[node] = round(rounded.internalValue[node])
                rounded.internalWeight[node] = round(rounded.internalWeight[node])
            }
            rounded.shrinkage = round(rounded.shrinkage)
            return rounded
        }
    }
}
