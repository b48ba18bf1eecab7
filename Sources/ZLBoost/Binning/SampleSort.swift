/// Sorts a feature's values, no NaN among them, by their bits: eight counting passes over bytes, of which those with one value are
/// left out. O(values); short arrays are sorted by comparison.
enum SampleSort {
    private static let radixThreshold = 1024

    static func sort(_ values: inout [Double]) {
        let count: Int = values.count
        guard count >= radixThreshold else { return values.sort() }
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * count) { scratch in
            guard var source = scratch.baseAddress else { return }
            var target: UnsafeMutablePointer<UInt64> = source + count
            let counts = UnsafeMutablePointer<Int>.allocate(capacity: 8 * 256)
            defer { counts.deallocate() }
            counts.initialize(repeating: 0, count: 8 * 256)
            for index in 0..<count {
                let bits: UInt64 = values[index].bitPattern
                // A negative number sorts backwards by its bits, and before all others.
                let key: UInt64 = bits ^ (UInt64(bitPattern: Int64(bitPattern: bits) >> 63) | 1 << 63)
                source[index] = key
                for byte in 0..<8 { counts[byte << 8 | Int(truncatingIfNeeded: key >> UInt64(byte << 3)) & 255] &+= 1 }
            }
            for byte in 0..<8 {
                let shift = UInt64(byte << 3)
                let starts: UnsafeMutablePointer<Int> = counts + (byte << 8)
                if starts[Int(truncatingIfNeeded: source[0] >> shift) & 255] == count { continue }
                var start = 0
                for digit in 0..<256 { (starts[digit], start) = (start, start &+ starts[digit]) }
                for index in 0..<count {
                    let key: UInt64 = source[index]
                    let digit: Int = Int(truncatingIfNeeded: key >> shift) & 255
                    target[starts[digit]] = key
                    starts[digit] &+= 1
                }
                swap(&source, &target)
            }
            for index in 0..<count {
                let key: UInt64 = source[index]
                values[index] = Double(bitPattern: key >> 63 == 1 ? key ^ (1 << 63) : ~key)
            }
        }
    }
}
