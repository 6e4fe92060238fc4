"""The page of the Fristenrechner."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from cases.deadline_forms import CalculatorForm


class CalculatorView(View):
    """A question in the address, the answer below the form. It knows no Vorgang and keeps nothing."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form, and the answer when something is asked."""
        asked = any(name in request.GET for name in CalculatorForm.base_fields)
        form = CalculatorForm(request.GET) if asked else CalculatorForm()
        answer = form.cleaned_data["answer"] if asked and form.is_valid() else None
        return render(request, "cases/calculator.html", {"form": form, "answer": answer})
