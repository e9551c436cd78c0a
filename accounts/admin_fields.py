"""Fields of the admin's forms that every app uses."""

from datetime import time

from django import forms

from accounts.admin_widgets import DateAndTime


class Moment(forms.SplitDateTimeField):
    """A date and a time (UTC); a date alone means the time `alone` of that day."""

    widget = DateAndTime
    alone: time
    default_error_messages = {
        "invalid_date": "This isn't a date; write one that exists, such as 2027-01-31.",
        "invalid_time": "This isn't a time; write one such as 14:30.",
    }

    def __init__(self, **kwargs):
        super().__init__(require_all_fields=False, **kwargs)
        day, time_of_day = self.fields
        day.error_messages["incomplete"] = "Give the date, too."
        time_of_day.required = False

    def compress(self, data_list):
        if data_list and data_list[1] in self.empty_values:
            data_list = [data_list[0], self.alone]
        return super().compress(data_list)


class Start(Moment):
    """When something begins: with the day, when no time is given."""

    alone = time.min


class End(Moment):
    """When something is over: with the day, when no time is given."""

    alone = time.max
