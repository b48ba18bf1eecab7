import CKernels
import Synchronization
import ZLColumnar

/// How far the first key of a wanted row may lie behind: rows that come later in the order need not be given.
///
/// All threads read it while any of them moves it forward. What it lets pass depends on timing, so its readers must stay right whatever
/// they are given beyond the wanted rows.
final class KeyBar: Sendable {
    private let isDescending: Bool
    private let nullsFirst: Bool
    private let last = Atomic<UInt64>(.max)

    init(_ key: SortKey) {
        isDescending = key.isDescending
        nullsFirst = key.nullsFirst
    }

    /// The place of an order key: less for what comes first. `.max` is behind nothing.
    private func place(_ key: Int64) -> UInt64 {
        let word = UInt64(bitPattern: key) ^ (1 << 63)
        return isDescending ? ~word : word
    }

    private func key(at place: UInt64) -> Int64 { Int64(bitPattern: (isDescending ? ~place : place) ^ (1 << 63)) }

    /// The place of the bar; `.max` until it is moved.
    var place: UInt64 { last.load(ordering: .relaxed) }

    /// The place of the value of a one-row vector; `.max` for NULL and for layouts without order keys.
    func place(of value: ColumnVector) -> UInt64 { OrderKey.key(value.value(at: 0), value.physical).map { place($0) } ?? .max }

    /// Moves the bar to a place, unless it is nearer already.
    func move(to place: UInt64) {
        // why: `Atomic.min` compares words as if they had a sign
        var known = self.place
        while place < known {
            let (moved, found) = last.weakCompareExchange(expected: known, desired: place, ordering: .relaxed)
            if moved { return }
            known = found
        }
    }

    /// The place of the first rows of a zone, 0 where it is not known; nil where all its rows are behind the bar.
    func first(of zone: ZoneMap) -> UInt64? {
        if zone.nullCount > 0, nullsFirst { return 0 }
        let place = self.place
        if zone.nullCount == zone.rowCount { return place == .max ? place : nil }
        guard let bounds = zone.bounds else { return 0 }
        let first = self.place(isDescending ? bounds.upperBound : bounds.lowerBound)
        return first <= place ? first : nil
    }

    /// The rows that do not come behind `place`; nil where these are all.
    ///
    /// - Parameter isStrict: rows at the place itself are left out too. Not for text, of which many values share a place.
    func rows(of vector: ColumnVector, upTo place: UInt64, isStrict: Bool = false) -> Selection? {
        if place == .max || nullsFirst && vector.nullCount() > 0 { return nil }
        let values = vector.form == .flat || vector.form == .dictionary ? vector : vector.flattened()
        let mask = RowMask(count: vector.count)
        narrow(mask, values, upTo: key(at: place), isStrict: isStrict)
        mask.keep(values.validity)
        return withExtendedLifetime(values) { mask.selection() }
    }

    private func narrow(_ mask: RowMask, _ vector: ColumnVector, upTo key: Int64, isStrict: Bool) {
        let comparison = Int32(
            (isDescending ? (isStrict ? ZL_GREATER : ZL_GREATER_OR_EQUAL) : (isStrict ? ZL_LESS : ZL_LESS_OR_EQUAL)).rawValue)
        let count = vector.count
        switch (vector.form, vector.physical) {
        case (.flat, .float64) where key != OrderKey.key(Double.nan):
            let bound = Double(bitPattern: UInt64(bitPattern: key >= 0 ? key : key ^ Int64.max))
            mask.keep { zl_compare_doubles(vector.values(Double.self), bound, comparison, count, $0) }
        case (.flat, .int64):
            mask.keep { zl_compare_int64s(vector.values(Int64.self), key, comparison, count, $0) }
        case (.flat, .int32):
            mask.keep { zl_compare_int32s(vector.values(Int32.self), Int32(truncatingIfNeeded: key), comparison, count, $0) }
        default:
            let words = SortColumn(vector, isDescending: false, nullsFirst: false).words
            let keys = words.values(Int64.self)
            // why: whole numbers without a sign are words as they are, all others have their highest bit turned
            switch vector.physical {
            case .bool, .uint8, .uint16, .uint32: break
            default: for row in 0..<count { keys[row] ^= Int64.min }
            }
            mask.keep { zl_compare_int64s(keys, key, comparison, count, $0) }
        }
    }
}
