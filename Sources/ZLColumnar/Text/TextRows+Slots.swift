import CKernels
import Glibc

/// Rows of a column as text in slots of one size: each type is a loop of its own, so writers of rows have nothing to decide a value.
extension TextRows {
    /// Bytes from one slot to the next; all of them may be overwritten.
    package static var slotSize: Int { Int(ZL_SLOT_SIZE) }
    /// The length of a row that is NULL.
    static var nullLength: UInt8 { UInt8(ZL_NULL_LENGTH) }

    /// Whether all values of the type fit slots. Strings and intervals do not.
    package var fitsSlots: Bool {
        switch type {
        case .varchar, .blob, .interval: false
        default: true
        }
    }

    /// Writes the rows of `range` to `slots` and the bytes that each took to `lengths`.
    package func write(_ range: Range<Int>, slots: UnsafeMutablePointer<UInt8>, lengths: UnsafeMutablePointer<UInt8>) {
        switch type {
        case .tinyint: fill(Int8.self, range, slots, lengths) { TextFormat.write(Int64($0), at: $1) }
        case .smallint: fill(Int16.self, range, slots, lengths) { TextFormat.write(Int64($0), at: $1) }
        case .integer: fill(Int32.self, range, slots, lengths) { TextFormat.write(Int64($0), at: $1) }
        case .bigint: fill(Int64.self, range, slots, lengths, { zl_write_integers($0, $1, $2, $3) }) { TextFormat.write($0, at: $1) }
        case .utinyint: fill(UInt8.self, range, slots, lengths) { TextFormat.write(UInt64($0), at: $1) }
        case .usmallint: fill(UInt16.self, range, slots, lengths) { TextFormat.write(UInt64($0), at: $1) }
        case .uinteger: fill(UInt32.self, range, slots, lengths) { TextFormat.write(UInt64($0), at: $1) }
        case .ubigint: fill(UInt64.self, range, slots, lengths) { TextFormat.write($0, at: $1) }
        case .double: fill(Double.self, range, slots, lengths, { zl_write_doubles($0, $1, $2, $3) }) { TextFormat.write($0, at: $1) }
        case .date: fill(Int32.self, range, slots, lengths) { TextFormat.write(date: $0, at: $1) }
        case .timestamp: fillTicks(1_000_000, zone: false, range, slots, lengths)
        case .timestampNS: fillTicks(1_000_000_000, zone: false, range, slots, lengths)
        case .timestampTZ: fillTicks(1_000_000, zone: true, range, slots, lengths)
        default: fill(UInt8.self, range, slots, lengths) { _, _ in 0 }
        }
    }

    @inline(__always)
    private func fillTicks(
        _ ticksPerSecond: Int64, zone: Bool, _ range: Range<Int>, _ slots: UnsafeMutablePointer<UInt8>,
        _ lengths: UnsafeMutablePointer<UInt8>
    ) {
        var memory = TextFormat.DayMemory()
        var last: (ticks: Int64, place: UnsafeMutablePointer<UInt8>, length: Int)?
        fill(Int64.self, range, slots, lengths) { ticks, place in
            // why: times often come in runs, and any of them is shorter than this.
            if let last, last.ticks == ticks {
                UnsafeMutableRawPointer(place).copyMemory(from: last.place, byteCount: 32)
                return last.length
            }
            let length = TextFormat.write(ticks: ticks, ticksPerSecond: ticksPerSecond, zone: zone, at: place, &memory)
            if length > 0 { last = (ticks, place, length) }
            return length
        }
    }

    /// Copies a short text of a row to `place` with room for 12 bytes; the end, or nil where it is NULL, empty or long, begins with `#` or
    /// holds one of the four bytes of `special`.
    @inline(__always)
    package func copyPlainText(
        _ row: Int, unlike special: UInt32, to place: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8>? {
        isNull(row) ? nil : zl_copy_plain_text(values(StringView.self) + index(row), special, place)
    }

    /// - Parameters:
    ///   - most: writes values that lie one behind the other and leaves length 0 to those that it cannot.
    ///   - text: writes any value.
    @inline(__always)
    private func fill<T>(
        _ element: T.Type, _ range: Range<Int>, _ slots: UnsafeMutablePointer<UInt8>, _ lengths: UnsafeMutablePointer<UInt8>,
        _ most: (UnsafePointer<T>, Int, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void,
        _ text: (T, UnsafeMutablePointer<UInt8>) -> Int
    ) {
        guard isFlat else { return fill(element, range, slots, lengths, text) }
        let values = values(T.self) + range.lowerBound
        most(values, range.count, slots, lengths)
        if !mayHaveNulls, memchr(lengths, 0, range.count) == nil { return }
        for row in 0..<range.count {
            if isNull(range.lowerBound + row) {
                lengths[row] = TextRows.nullLength
            } else if lengths[row] == 0 {
                lengths[row] = UInt8(truncatingIfNeeded: text(values[row], slots + row * TextRows.slotSize))
            }
        }
    }

    /// `text` gives 0 for a value that it leaves to `append`.
    @inline(__always)
    private func fill<T>(
        _ element: T.Type, _ range: Range<Int>, _ slots: UnsafeMutablePointer<UInt8>, _ lengths: UnsafeMutablePointer<UInt8>,
        _ text: (T, UnsafeMutablePointer<UInt8>) -> Int
    ) {
        let values = values(T.self)
        var scratch: ByteBuffer?
        for row in range {
            let place = slots + (row - range.lowerBound) * TextRows.slotSize
            var length = Int(TextRows.nullLength)
            if !isNull(row) {
                length = text(values[index(row)], place)
                if length == 0 {
                    let buffer = scratch ?? ByteBuffer()
                    scratch = buffer
                    buffer.removeAll()
                    append(row, to: buffer)
                    length = buffer.count
                    place.update(from: buffer.address, count: length)
                }
            }
            lengths[row - range.lowerBound] = UInt8(truncatingIfNeeded: length)
        }
    }
}
