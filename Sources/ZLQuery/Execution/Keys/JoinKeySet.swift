import CKernels
import ZLColumnar

/// The keys of a join's right side, for the left side to leave out rows early that match none of them.
///
/// Keeps the least and the greatest key, and a bit for each number between them unless these are too many: then some rows pass that
/// match nothing.
final class JoinKeySet: @unchecked Sendable {  // proof: written by `init` only
    private let least: Int64
    private let greatest: Int64
    private let bits: Buffer?
    /// How much of the range is keys: the less, the more rows are left out.
    let density: Double

    private static let greatestRange: UInt64 = 1 << 28
    private static let bitsPerRow: UInt64 = 1 << 10
    private static let smallRange: UInt64 = 1 << 23

    /// nil where all keys are NULL.
    init?(_ keys: WholeKeys) {
        guard let bounds = keys.bounds else { return nil }
        (least, greatest) = (bounds.lowerBound, bounds.upperBound)
        let range = UInt64(bitPattern: greatest &- least)
        guard range < JoinKeySet.greatestRange, range < max(JoinKeySet.smallRange, JoinKeySet.bitsPerRow * UInt64(keys.count)) else {
            bits = nil
            density = 1
            return
        }
        let buffer = Buffer(byteCount: Int(range / 64 + 1) * 8)
        buffer.zero()
        let words = buffer.values(UInt64.self)
        for row in 0..<keys.count where !keys.nulls.isNull(row) {
            let distance = UInt64(bitPattern: keys.values[row] &- least)
            words[Int(distance >> 6)] |= 1 << (distance & 63)
        }
        bits = buffer
        density = JoinKeySet.density(buffer, range)
    }

    /// - Parameter bits: one for each number between the bounds, set where it is a key.
    init(_ bounds: ClosedRange<Int64>, bits: Buffer) {
        (least, greatest) = (bounds.lowerBound, bounds.upperBound)
        self.bits = bits
        density = JoinKeySet.density(bits, UInt64(bitPattern: bounds.upperBound &- bounds.lowerBound))
    }

    private static func density(_ bits: Buffer, _ range: UInt64) -> Double {
        let words = bits.values(UInt64.self)
        var count = 0
        for word in 0..<Int(range / 64 + 1) { count += words[word].nonzeroBitCount }
        return Double(count) / (Double(range) + 1)
    }

    /// Whether a zone may hold a key.
    func mayPass(_ zone: ZoneMap) -> Bool {
        guard let bounds = zone.bounds else { return zone.nullCount < zone.rowCount }
        return bounds.lowerBound <= greatest && bounds.upperBound >= least
    }

    /// The rows among `open`, all where that is nil, whose key is one of the set.
    ///
    /// - Complexity: O(rows that are open), a bit each.
    func rows(of vector: ColumnVector, among open: Selection?) -> Selection? {
        guard let keys = WholeKeys(vector) else { return open }
        let range = UInt64(bitPattern: greatest &- least)
        // why: the one range that has no number of its own holds every key
        if range == .max { return open }
        let count = open?.count ?? keys.count
        let kept = Selection(capacity: count) { rows in
            zl_keys_among(keys.values, open?.rows, count, least, range + 1, bits?.values(UInt64.self), rows)
        }
        return withExtendedLifetime((vector, keys)) { keys.nulls.mayHaveNulls ? kept.without(keys.nulls) : kept }
    }
}

extension Selection {
    fileprivate func without(_ nulls: NullMask) -> Selection {
        let result = Selection(capacity: count)
        for index in 0..<count where !nulls.isNull(Int(rows[index])) { result.append(rows[index]) }
        return result
    }
}

/// The rows of which a column is to hold one of a join's keys.
struct KeyFilter: Sendable {
    let column: ColumnID
    let keys: JoinKeySet
}
