"""Works out referral fees from the written rules of the fees, with exact fractions.

Reads histories from standard input, one JSON object a line, and writes the fee lines of each as one
JSON array a line, in the same order. With `--twin half-up` a half is rounded away from zero where
the agreement says half-even: a mistake that whoever compares must find.

Where the rules leave a case open it is read so:
- "first" is the first settled payment of something while the relationship was active, whatever the
  version then in force; a threshold is reached once in the life of a relationship;
- a customer's payments come to their bases, less the rounded share of each that is given back;
  what was reversed of a threshold is restored by a dispute that is won where, without the won
  disputes, they would never have come to less than it since;
- active relationships are those of the services that the version covers;
- caps count lines of the same direction and currency;
- `currency-not-agreed` lists a payment that would earn in an agreed currency;
- nothing becomes available before the day on which it comes about;
- lines that move no money are left out.
"""

import argparse
import json
import math
import sys
from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Iterator
from zoneinfo import ZoneInfo

Json = dict[str, Any]
EARLIEST = datetime.min.replace(tzinfo=timezone.utc)
TICK = timedelta(milliseconds=1)


@lru_cache(maxsize=100_000)
def moment(text: str) -> datetime:
    """The moment that an ISO 8601 text in UTC names."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@lru_cache(maxsize=None)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def half_even(exact: Fraction) -> int:
    return round(exact)


def half_up(exact: Fraction) -> int:
    """A half goes away from zero, on both sides of it."""
    size = math.floor(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


ROUNDINGS = {"half-even": half_even, "half-up": half_up, "down": math.trunc}


def months_later(day: date, months: int) -> date:
    """The same day some calendar months later, or the last of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


@dataclass(frozen=True)
class Version:
    """One version of the agreement, in force from a local day until the next one begins."""

    number: int
    valid_from: date
    valid_until: date | None
    zone_name: str
    sign: int
    services: list[str] | None
    fee: Json

    @staticmethod
    def read(given: Json) -> "Version":
        terms = given["terms"]
        until = given["validUntil"]
        return Version(
            number=given["version"],
            valid_from=date.fromisoformat(given["validFrom"]),
            valid_until=None if until is None else date.fromisoformat(until),
            zone_name=terms["timeZone"],
            sign=1 if terms["direction"] == "payable" else -1,
            services=None if terms["services"] == "all" else terms["services"],
            fee=terms["fee"],
        )

    def day(self, at: datetime) -> date:
        return at.astimezone(zone(self.zone_name)).date()

    def has_begun(self, at: datetime) -> bool:
        return self.valid_from <= self.day(at)

    def is_over(self, at: datetime) -> bool:
        return self.valid_until is not None and self.day(at) >= self.valid_until

    def covers(self, service_key: str) -> bool:
        return self.services is None or service_key in self.services

    def round(self, exact: Fraction) -> int:
        return ROUNDINGS[self.fee.get("rounding", "half-even")](exact)

    def last_moment(self, day: date) -> datetime:
        """The last millisecond of the month of a day, in the agreement's zone."""
        after = month_end(day) + timedelta(days=1)
        start = datetime(after.year, after.month, after.day, tzinfo=zone(self.zone_name))
        return start.astimezone(timezone.utc) - TICK

    def period(self, day: date) -> tuple[int, int]:
        """The period of statements that holds a day."""
        match self.fee.get("period", "month"):
            case "quarter":
                return day.year, (day.month - 1) // 3
            case "half-month":
                return day.year, day.month * 2 + (day.day > 15)
            case _:
                return day.year, day.month

    def available_on(self, settled_on: date) -> date:
        day = settled_on + timedelta(days=self.fee.get("holdDays", 0))
        return month_end(day) if self.fee.get("holdToMonthEnd") else day

    def claws_back(self, settled_at: datetime, refunded_at: datetime) -> bool:
        days = self.fee.get("clawbackDays")
        return days is None or (self.day(refunded_at) - self.day(settled_at)).days <= days


@dataclass(frozen=True)
class Relationship:
    """A customer of both for one service."""

    id: str
    customer: str
    service: str
    activated_at: datetime | None
    open_parts: list[tuple[datetime, datetime | None]]

    @staticmethod
    def read(given: Json) -> "Relationship":
        activated = given["activatedAt"]
        return Relationship(
            id=given["id"],
            customer=given["customerId"],
            service=given["serviceId"],
            activated_at=None if activated is None else moment(activated),
            open_parts=[
                (moment(part["from"]), None if part["until"] is None else moment(part["until"]))
                for part in given["openParts"]
            ],
        )

    def is_of(self, payment: "Payment") -> bool:
        return (self.customer, self.service) == (payment.customer, payment.service)

    def is_active(self, at: datetime) -> bool:
        if self.activated_at is None or at < self.activated_at:
            return False
        return any(start <= at and (end is None or at < end) for start, end in self.open_parts)


@dataclass(frozen=True)
class Payment:
    """A settled payment; its net is what is paid without tax."""

    id: str
    customer: str
    service: str
    settled_at: datetime
    amount: int
    net: int
    parts: dict[str, int]
    currency: str

    @staticmethod
    def read(given: Json) -> "Payment":
        return Payment(
            id=given["recordId"],
            customer=given["customerId"],
            service=given["serviceId"],
            settled_at=moment(given["settledAt"]),
            amount=int(given["amountMinor"]),
            net=int(given["amountMinor"]) - int(given["taxMinor"]),
            parts={name: int(minor) for name, minor in given["parts"].items()},
            currency=given["currency"],
        )


@dataclass(frozen=True)
class Refund:
    """Money given back of a payment, or of none that is named."""

    id: str
    customer: str
    service: str
    payment: str | None
    refunded_at: datetime
    won_at: datetime | None
    net: int
    currency: str

    @staticmethod
    def read(given: Json) -> "Refund":
        won = given["wonAt"]
        return Refund(
            id=given["recordId"],
            customer=given["customerId"],
            service=given["serviceId"],
            payment=given["paymentId"],
            refunded_at=moment(given["refundedAt"]),
            won_at=None if won is None else moment(won),
            net=int(given["amountMinor"]) - int(given["taxMinor"]),
            currency=given["currency"],
        )


@dataclass
class Earning:
    """A payment under the terms that apply to it, and what became of its fee."""

    payment: Payment
    relationship: Relationship
    version: Version
    base: int
    service_key: str
    fee: int = 0
    refunded: dict[str, int] = field(default_factory=dict)
    reversed: int = 0

    @property
    def day(self) -> date:
        return self.version.day(self.payment.settled_at)

    @property
    def kind(self) -> str:
        """When the fee is earned: percent, tiers, or the event of a flat amount."""
        terms = self.version.fee
        return terms["flat"]["per"] if terms["kind"] == "flat" else terms["kind"]

    @property
    def is_agreed(self) -> bool:
        return self.payment.currency in self.version.fee["currencies"]

    @property
    def order(self) -> tuple[datetime, str]:
        return self.payment.settled_at, self.payment.id

    @property
    def refunded_share(self) -> Fraction:
        """How much of the payment is given back, from 0 to 1."""
        share = Fraction(sum(self.refunded.values()), self.payment.net)
        return max(Fraction(0), min(Fraction(1), share))

    def amount(self, of: Json) -> int:
        return int(of[self.payment.currency])


class History:
    """The events of one partner, and the fee lines that follow from them."""

    def __init__(self, given: Json) -> None:
        self.versions = [Version.read(one) for one in given["agreements"]]
        self.relationships = [Relationship.read(one) for one in given["relationships"]]
        self.payments = [Payment.read(one) for one in given["payments"]]
        self.refunds = [Refund.read(one) for one in given["refunds"]]
        self.service_keys: dict[str, str] = given["serviceKeys"]
        self.lines: list[list[Any]] = []

    def fee_lines(self) -> list[list[Any]]:
        """Lines: payment, refund, moment, month, day available, currency, minor units, why none."""
        self.looked_at = sorted(self._earnings(), key=lambda one: one.order)
        for earning in self.looked_at:
            if not earning.is_agreed and self._is_eligible(earning):
                self._write(earning, None, earning.payment.settled_at, 0, "currency-not-agreed")
        earnings = [one for one in self.looked_at if one.is_agreed]
        self.earnings = {one.payment.id: one for one in earnings}
        self.nominal = self._nominal_fees(earnings)
        self.settled: list[Earning] = []
        self.thresholds_reached: dict[str, Earning] = {}
        # By relationship: what settled (None) or was taken back, and how much came before the fee.
        self.history: dict[str, list[tuple[Earning, str | None, int]]] = {}
        self.history_before: dict[str, int] = {}
        self.won: set[str] = set()
        for _, _, step in sorted(self._steps(earnings), key=lambda step: step[:2]):
            step()
        return self.lines

    def _earnings(self) -> Iterator[Earning]:
        """Payments that terms apply to: active, in force, covered, in time, with a base."""
        for payment in self.payments:
            begun = [one for one in self.versions if one.has_begun(payment.settled_at)]
            if not begun:
                continue
            # Each in its own zone: the latest that has begun, unless it ended and nothing follows it.
            version = max(begun, key=lambda one: one.number)
            follows = any(one.valid_from == version.valid_until for one in self.versions)
            if not follows and version.is_over(payment.settled_at):
                continue
            key = self.service_keys[payment.service]
            if not version.covers(key):
                continue
            base = payment.net - sum(
                payment.parts.get(part, 0) for part in version.fee.get("less", [])
            )
            for one in self.relationships:
                if base > 0 and one.is_of(payment) and one.is_active(payment.settled_at):
                    earning = Earning(payment, one, version, base, key)
                    if self._is_in_time(earning):
                        yield earning

    @staticmethod
    def _is_in_time(earning: Earning) -> bool:
        months = earning.version.fee.get("durationMonths")
        if months is None:
            return True
        started_on = earning.version.day(earning.relationship.activated_at)
        return earning.day < months_later(started_on, months)

    # What is earned before caps.

    def _nominal_fees(self, earnings: list[Earning]) -> dict[str, int]:
        """The rounded fee of each payment, as if there were no caps; thresholds are met later."""
        fees = {one.payment.id: 0 for one in earnings}
        totals: dict[Any, list[Earning]] = defaultdict(list)
        for one in earnings:
            match one.kind:
                case "percent":
                    if self._is_eligible(one):
                        totals[self._rounded_together(one)].append(one)
                case "tiers":
                    totals[self._month_of(one)].append(one)
                case "payment" | "activation" | "first-payment":
                    if self._is_eligible(one):
                        fees[one.payment.id] = one.amount(one.version.fee["flat"]["amounts"])
        for together in totals.values():
            fees.update(self._running_differences(together))
        return fees

    def _is_eligible(self, one: Earning) -> bool:
        """Whether the terms look at this payment, and not at the first one only."""
        is_first_only = one.version.fee.get("of") == "first-payment"
        if is_first_only or one.kind in ("activation", "first-payment"):
            return self._is_first(one)
        return True

    def _is_first(self, one: Earning) -> bool:
        """Whether it is the first settled payment while the relationship was active."""
        return one.order == min(
            (paid.settled_at, paid.id)
            for paid in self.payments
            if paid.amount > 0
            and one.relationship.is_of(paid)
            and one.relationship.is_active(paid.settled_at)
        )

    @staticmethod
    def _month_of(one: Earning) -> tuple[Any, ...]:
        return one.version.number, one.payment.currency, one.day.year, one.day.month

    def _rounded_together(self, one: Earning) -> tuple[Any, ...]:
        """The payments whose exact fees are added before they are rounded share this."""
        match one.version.fee.get("roundingLevel", "payment"):
            case "payment":
                return ("payment", one.payment.id)
            case "customer-month":
                return (*self._month_of(one), one.payment.customer)
            case _:
                return self._month_of(one)

    def _running_differences(self, together: list[Earning]) -> Iterator[tuple[str, int]]:
        """The differences of the rounded running total, in the order of settlement."""
        month_base = sum(one.base for one in together)
        base, exact, before = 0, Fraction(0), 0
        for one in together:
            base += one.base
            if one.kind == "percent":
                exact += one.base * self._rate_of(one)
            else:
                exact = self._tiered(one, base, month_base)
            after = one.version.round(exact)
            yield one.payment.id, after - before
            before = after

    @staticmethod
    def _rate_of(one: Earning) -> Fraction:
        terms = one.version.fee
        text = terms.get("serviceRates", {}).get(one.service_key, terms["ratePercent"])
        return Fraction(Decimal(text)) / 100

    def _tiered(self, one: Earning, base: int, month_base: int) -> Fraction:
        """The exact fee of a base that the month has reached."""
        tiers = one.version.fee["tiers"]
        if tiers["by"] == "active-relationships":
            end = one.version.last_moment(one.day)
            reached = sum(
                one.version.covers(self.service_keys[other.service]) and other.is_active(end)
                for other in self.relationships
            )
            bounds = [step["fromActive"] for step in tiers["steps"]]
        else:
            reached = month_base
            bounds = [one.amount(step["from"]) for step in tiers["steps"]]
        rates = [Fraction(Decimal(step["ratePercent"])) / 100 for step in tiers["steps"]]
        if tiers["mode"] == "volume":
            rate = [rate for bound, rate in zip(bounds, rates) if bound <= reached][-1]
            return base * rate
        ends = [*bounds[1:], max(base, bounds[-1])]
        return sum(
            (
                rate * max(0, min(base, end) - start)
                for start, end, rate in zip(bounds, ends, rates)
            ),
            Fraction(0),
        )

    # What happens, in the order of time.

    def _steps(self, earnings: list[Earning]) -> Iterator[tuple[Any, ...]]:
        """Moments, the order within one, and what is to be done then."""
        settled = {one.id: one.settled_at for one in self.payments}
        for one in earnings:
            yield one.payment.settled_at, (0, one.payment.id), lambda one=one: self._settle(one)
        for refund in self.refunds:
            # What is given back before it is paid takes from the line as soon as that stands.
            at = max(refund.refunded_at, settled.get(refund.payment or "", EARLIEST))
            yield at, (1, refund.refunded_at, refund.id), lambda it=refund: self._give_back(it)
            if refund.won_at is not None:
                won = max(at, refund.won_at)
                yield won, (2, refund.won_at, refund.id), lambda it=refund: self._restore(it)

    def _settle(self, one: Earning) -> None:
        """Lets a payment earn, and count for those after it."""
        self.settled.append(one)
        self.history.setdefault(one.relationship.id, []).append((one, None, 0))
        self._earn(one, one.payment.settled_at)

    def _earn(self, one: Earning, at: datetime) -> None:
        """Writes what a payment earns, cut to what the caps leave."""
        if one.kind == "threshold":
            wanted = self._threshold_fee(one)
        else:
            wanted = self.nominal[one.payment.id]
        one.fee = max(0, min([wanted, *self._rooms(one)]))
        self._write(one, None, at, one.fee)

    def _threshold_fee(self, one: Earning) -> int:
        """The amount, once, where the customer's payments now come to the threshold."""
        key = one.relationship.id
        terms = one.version.fee["flat"]
        if key in self.thresholds_reached:
            return 0
        if self._paid_so_far(one) < one.amount(terms["thresholds"]):
            return 0
        self.thresholds_reached[key] = one
        self.history_before[key] = len(self.history[key])
        return one.amount(terms["amounts"])

    def _paid_so_far(self, one: Earning) -> int:
        """What the customer's payments come to, less what refunds took back of them in time."""
        return sum(
            other.base - other.version.round(other.base * other.refunded_share)
            for other in self.settled
            if other.relationship.id == one.relationship.id
            and other.payment.currency == one.payment.currency
        )

    def _rooms(self, one: Earning) -> Iterator[int]:
        """What each cap leaves, net of what was reversed so far."""
        terms, currency = one.version.fee, one.payment.currency
        before = [
            other
            for other in self.settled
            if other is not one
            and other.payment.currency == currency
            and other.version.sign == one.version.sign
        ]
        if "capPerCustomer" in terms:
            life = [other for other in before if other.relationship.id == one.relationship.id]
            yield one.amount(terms["capPerCustomer"]) - sum(it.fee - it.reversed for it in life)
        if "capPerPeriod" in terms:
            period = one.version.period(one.day)
            its = [
                other
                for other in before
                if one.version.period(one.version.day(other.payment.settled_at)) == period
            ]
            yield one.amount(terms["capPerPeriod"]) - sum(it.fee - it.reversed for it in its)

    def _give_back(self, refund: Refund) -> None:
        """Takes from the payment that is named, or from the latest earning ones of the service."""
        if refund.payment is not None:
            one = self.earnings.get(refund.payment)
            if one is not None and one.payment.currency == refund.currency:
                self._take(one, refund, refund.net)
            return
        left = refund.net
        latest_first = sorted(self.earnings.values(), key=lambda it: it.order, reverse=True)
        for one in latest_first:
            paid = one.payment
            if (paid.customer, paid.service) != (refund.customer, refund.service):
                continue
            if not self._is_eligible(one) or paid.currency != refund.currency:
                continue
            if paid.settled_at > refund.refunded_at:
                continue
            part = min(left, paid.net - sum(one.refunded.values()))
            if part > 0 and self._take(one, refund, part):
                left -= part

    def _take(self, one: Earning, refund: Refund, net: int) -> bool:
        """Reverses the share of a line that a refund takes back; outside the clawback nothing."""
        if not one.version.claws_back(one.payment.settled_at, refund.refunded_at):
            return False
        one.refunded[refund.id] = net
        self.history[one.relationship.id].append((one, refund.id, net))
        self._reverse(one, refund, refund.refunded_at, is_won=False)
        return True

    def _restore(self, refund: Refund) -> None:
        """A dispute that is won gives back what it took, or lets a threshold be reached."""
        self.won.add(refund.id)
        # In the order in which it took: the latest payment first.
        latest_first = sorted(self.earnings.values(), key=lambda it: it.order, reverse=True)
        for one in latest_first:
            if one.refunded.pop(refund.id, None) is None:
                continue
            if one.kind == "threshold" and one.relationship.id not in self.thresholds_reached:
                self._earn(one, refund.won_at)
            else:
                self._reverse(one, refund, refund.won_at, is_won=True)

    def _reverse(self, one: Earning, refund: Refund, at: datetime, *, is_won: bool) -> None:
        """Writes what is now reversed of the lines that a refund touches, and was not before."""
        if one.kind != "threshold":
            self._reverse_to(self._reversed_to_date(one), one, refund, at)
        reached = self.thresholds_reached.get(one.relationship.id)
        if reached is None or reached.payment.currency != one.payment.currency:
            return
        needed = reached.amount(reached.version.fee["flat"]["thresholds"])
        # Payments that come later earn no second time. A dispute that is won leaves what there would
        # be without it.
        if is_won:
            is_reversed = reached.reversed != 0 and self._fell_below(reached, needed)
        else:
            is_reversed = reached.reversed != 0 or self._paid_so_far(reached) < needed
        self._reverse_to(reached.fee if is_reversed else 0, reached, refund, at)

    def _fell_below(self, reached: Earning, needed: int) -> bool:
        """Whether refunds and disputes not won by now ever left less than needed since the fee."""
        key = reached.relationship.id
        taken: dict[str, int] = {}
        for index, (one, refund, net) in enumerate(self.history[key]):
            if refund in self.won or one.payment.currency != reached.payment.currency:
                continue
            taken[one.payment.id] = taken.get(one.payment.id, 0) + net
            if refund is None or index < self.history_before[key]:
                continue
            left = 0
            for payment, minor in taken.items():
                other = self.earnings[payment]
                share = max(Fraction(0), min(Fraction(1), Fraction(minor, other.payment.net)))
                left += other.base - other.version.round(other.base * share)
            if left < needed:
                return True
        return False

    def _reverse_to(self, due: int, one: Earning, refund: Refund, at: datetime) -> None:
        change, one.reversed = due - one.reversed, due
        self._write(one, refund, at, -change)

    @staticmethod
    def _reversed_to_date(one: Earning) -> int:
        """In proportion; an amount for the first payment as a whole or not at all."""
        if one.kind in ("activation", "first-payment"):
            return one.fee if one.refunded_share == 1 else 0
        return one.version.round(one.fee * one.refunded_share)

    def _write(
        self,
        one: Earning,
        refund: Refund | None,
        at: datetime,
        minor: int,
        because: str | None = None,
    ) -> None:
        """Adds a line; what moves no money is left out unless the rules list it."""
        if minor == 0 and because is None:
            return
        version, day = one.version, one.version.day(at)
        available = version.available_on(one.day)
        self.lines.append(
            [
                one.payment.id,
                None if refund is None else refund.id,
                at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                f"{day:%Y-%m}",
                max(available, day).isoformat(),
                one.payment.currency,
                str(version.sign * minor),
                because,
            ]
        )


def main() -> None:
    """Answers each history on standard input with its fee lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twin", choices=["half-up"], help="make this mistake")
    if parser.parse_args().twin == "half-up":
        ROUNDINGS["half-even"] = half_up
    for text in sys.stdin:
        print(json.dumps(History(json.loads(text)).fee_lines()), flush=True)


if __name__ == "__main__":
    main()
