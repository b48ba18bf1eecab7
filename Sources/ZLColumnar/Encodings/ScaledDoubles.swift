import CKernels

/// Doubles that are decimal numbers, as integers and a power of ten. Prices are: a quarter cent is 25 times 10^-2.
///
/// A value comes back as `Double(integer) / 10^exponent`, which IEEE division rounds to the double nearest the decimal: the same bits.
/// Values for which that fails (NaN, infinity, -0, full mantissas) stand aside as exceptions with their rows.
enum ScaledDoubles {
    /// Powers of ten that are tried, 10^0 first.
    private static let exponents = 0...10
    /// Integers beyond this do not round by `magic`.
    private static let largest = 0x1p51
    /// Adding and taking away 1.5 * 2^52 rounds to the nearest integer, and leaves it in the low bits between the two.
    private static let magic = 0x1.8p52
    private static let sampleSize = 256

    struct Scaled {
        var exponent: Int
        /// One a row.
        var integers: Buffer
        var exceptions: [Int]
    }

    /// The column as integers, or nil where more than one value in 16 is an exception.
    ///
    /// Rows that are NULL repeat the integer before them. - Complexity: O(rows)
    static func scale(_ values: UnsafePointer<Double>, _ validity: ValidityBitmap?, count: Int) -> Scaled? {
        var least = exponents.lowerBound
        while count > 0, let exponent = sampled(values, validity, count, from: least) {
            if let scaled = scale(values, validity, count, exponent) { return scaled }
            // why: the sample missed the values with more digits
            least = exponent + 1
        }
        return nil
    }

    /// The exponent that suits a sample of values without NULL best.
    static func exponent(_ values: UnsafePointer<Double>, count: Int) -> Int? {
        count > 0 ? sampled(values, nil, count, from: exponents.lowerBound) : nil
    }

    /// The integers of up to `IntegerStream.blockSize` values; false where some value is an exception.
    @inline(__always)
    static func scaleBlock(_ values: UnsafePointer<Double>, _ count: Int, _ scale: Double, into integers: UnsafeMutablePointer<Int64>) -> Bool {
        if count == IntegerStream.blockSize { return zl_scale_doubles(values, scale, integers) == 0 }
        for row in 0..<count {
            let (integer, isExact) = scaled(values[row], scale)
            guard isExact else { return false }
            integers[row] = integer
        }
        return true
    }

    private static func scale(
        _ values: UnsafePointer<Double>, _ validity: ValidityBitmap?, _ count: Int, _ exponent: Int
    ) -> Scaled? {
        let scale = PowersOfTen.exactDoubles[exponent]
        var exceptions: [Int] = []
        let most = count / 16
        let integers = Buffer(byteCount: count * 8)
        let target = integers.values(Int64.self)
        var last: Int64 = 0
        var firstExact = count
        var start = 0
        while start < count {
            let end = min(count, start + IntegerStream.blockSize)
            if validity == nil, end - start == IntegerStream.blockSize, zl_scale_doubles(values + start, scale, target + start) == 0 {
                firstExact = min(firstExact, start)
                last = target[end - 1]
            } else {
                for row in start..<end {
                    let (integer, isExact) = scaled(values[row], scale)
                    if validity?.isValid(row) ?? true {
                        if isExact {
                            last = integer
                            firstExact = min(firstExact, row)
                        } else {
                            exceptions.append(row)
                        }
                    }
                    target[row] = last
                }
                guard exceptions.count <= most else { return nil }
            }
            start = end
        }
        // why: a zero before the first exact value would widen its block
        if firstExact < count { target.update(repeating: target[firstExact], count: firstExact) }
        return Scaled(exponent: exponent, integers: integers, exceptions: exceptions)
    }

    @inline(__always)
    private static func scaled(_ value: Double, _ scale: Double) -> (Int64, Bool) {
        let product = value * scale
        let shifted = product + magic
        let rounded = shifted - magic
        let integer = Int64(bitPattern: shifted.bitPattern) &- Int64(bitPattern: magic.bitPattern)
        let isExact = abs(product) < largest && (rounded / scale).bitPattern == value.bitPattern
        return (integer, isExact)
    }

    /// The least exponent that suits most of a sample.
    private static func sampled(_ values: UnsafePointer<Double>, _ validity: ValidityBitmap?, _ count: Int, from least: Int) -> Int? {
        guard least <= exponents.upperBound else { return nil }
        let step = max(1, count / sampleSize)
        var best: (exponent: Int, hits: Int)?
        for exponent in least...exponents.upperBound {
            var hits = 0
            var seen = 0
            for row in stride(from: 0, to: count, by: step) where validity?.isValid(row) ?? true {
                seen += 1
                if scaled(values[row], PowersOfTen.exactDoubles[exponent]).1 { hits += 1 }
            }
            if hits == seen { return exponent }
            if hits * 16 >= seen * 14, hits > best?.hits ?? 0 { best = (exponent, hits) }
        }
        return best?.exponent
    }
}
